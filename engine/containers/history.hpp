#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <gantry/sdk/runtime.hpp>

#include "base/json.hpp"

// What a container remembers of its past so that `explain` can say why it is as it is. Part of its stored state: it outlives
// the daemon.
namespace gantry::containers {

/// Who asked for the end of the run that is going on; forgotten at the next start.
struct EndRequest {
  std::string by; ///< "stop", "kill", "shutdown" (of the daemon), …; empty: nobody
  std::int32_t signal = 0;
  std::int64_t time_ns = 0;
};

/// One run, from its start to its exit.
struct Run {
  std::int64_t started_ns = 0, finished_ns = 0;
  std::int32_t exit_code = 0;
  std::int32_t signal = 0;         ///< what ended its first process; 0: it exited by itself
  std::string ended_by = "itself"; ///< "itself", "signal", "memory", "lost", or who asked for it
  bool by_policy = false;          ///< the restart policy had started it
  /// Recorded when it failed; 0: unknown or no limit.
  std::uint64_t memory_peak = 0, memory_limit = 0;
  bool memory_limit_hit = false; ///< the container's own limit, not the host's memory or that of a parent cgroup
};

struct StartStep {
  std::string name;
  std::int64_t took_ns = 0;
};

/// The last start: its steps up to the one that failed.
struct StartRecord {
  std::int64_t time_ns = 0; ///< 0: there was none
  bool by_policy = false;
  std::vector<StartStep> steps;
  std::string failed_step; ///< empty: it succeeded
};

struct History {
  static constexpr std::size_t kept_runs = 10;

  EndRequest end_request;
  StartRecord start;
  std::vector<Run> runs; ///< the last ones, oldest first

  /// Drops the oldest when there are too many.
  void add(Run run);
};

/// Why a run ended, in the words of Run::ended_by.
std::string ended_by(const RuntimeExit& exit, const EndRequest& request);

Json to_json(const History& history);
History history_from_json(const Json& json, const std::string& path);

} // namespace gantry::containers
