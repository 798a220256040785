#pragma once

#include <gantry/sdk/runtime.hpp>
#include <string>

#include "plan/control.hpp"

namespace gantry::runtime_linux {

/// A request about one process. Throws invalid for an exec id that no shim could hold.
ControlRequest request_for(ControlOp op, const std::string& exec_id = {});

/// Fills in who attaches and how; `pending` becomes a memory file when there are bytes.
UniqueFd describe_attach(ControlRequest& request, const RuntimeAttach& attach);

/// Throws invalid unless `id` is a container id of the runtime contract.
void check_id(const std::string& id);

} // namespace gantry::runtime_linux
