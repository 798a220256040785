#pragma once

#include <chrono>
#include <string_view>

#include "containers/health/probe_target.hpp"
#include "containers/parts.hpp"

namespace gantry::containers {

/// What an HTTP server's first line says; nothing when it is none.
std::optional<int> http_status(std::string_view head);

/// Checks a container from its network, without a process in it. A TCP target is healthy when something accepts the connection,
/// an HTTP one when the answer to GET has a status from 200 to 399.
class NetworkProbe {
 public:
  NetworkProbe(PartsPtr parts, EntryPtr entry);

  /// Reads at most 16 KiB of what a server answers, and never longer than `timeout` in all.
  Task<ProbeResult> run(const ProbeTarget& target, std::chrono::nanoseconds timeout);

 private:
  PartsPtr parts_;
  EntryPtr entry_;
  std::shared_ptr<UniqueFd> process_; ///< the container's first process, by which its network is found
};

} // namespace gantry::containers
