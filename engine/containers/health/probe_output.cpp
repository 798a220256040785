#include "containers/health/probe_output.hpp"

#include "base/time.hpp"

namespace gantry::containers {

std::string timeout_text(std::chrono::nanoseconds timeout, const ProbeOutput& output) {
  const std::string text = "Health check exceeded timeout (" + duration_text(timeout.count()) + ")";
  return output.empty() ? text : text + ": " + output.text();
}

} // namespace gantry::containers
