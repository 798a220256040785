#pragma once

#include <chrono>

#include "containers/health/probe_output.hpp"
#include "containers/parts.hpp"

namespace gantry::containers {

/// Runs a container's check inside it, as an exec with an exec's events.
class CommandProbe {
 public:
  CommandProbe(PartsPtr parts, EntryPtr entry);

  /// A command that cannot be run or takes too long is a result with the exit code -1. Whoever is cancelled here leaves no
  /// process behind.
  Task<ProbeResult> run(const StringList& command, std::chrono::nanoseconds timeout);

  struct Launched {
    ExecEntryPtr exec;
    UniqueFd output;   ///< both streams of the process as they come; ends with it
    std::string error; ///< why there is no process
  };

 private:
  Task<bool> await_end(Launched& launched, const ProbeDeadline& deadline, ProbeOutput& output);
  Task<void> give_up(ExecEntryPtr exec);
  bool is_last_one_alive() const;

  PartsPtr parts_;
  EntryPtr entry_;
  ExecEntryPtr last_; ///< one that was killed and may not have noticed
};

/// Kills the checks that a daemon left running in a container when it died. Blocks.
void kill_stray_probes(Parts& parts, const Container& container);

} // namespace gantry::containers
