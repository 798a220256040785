#pragma once

#include "containers/parts.hpp"

namespace gantry::containers {

/// forbidden_state with Docker's text unless processes can be started in the container now, which the user called
/// `reference`.
void check_exec_phase(const Container&, const std::string& reference);
/// The text of exec events: "exec_start: ls -l".
std::string exec_action(const char* verb, const Exec&);
/// Reads the end of an exec from the runtime if it has come; publishes `exec_die` once. Blocks.
void settle_exec(Parts&, ExecEntry&);
/// Watches a running exec until it ends.
void watch_exec(PartsPtr parts, ExecEntryPtr entry);

} // namespace gantry::containers
