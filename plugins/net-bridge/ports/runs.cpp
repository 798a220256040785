#include "ports/runs.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace gantry::net_bridge {

namespace {

/// The run of each protocol and host address that may go on. Neighbours have one of two mostly ("0.0.0.0" and "::"), which are
/// not looked up again.
class Open {
 public:
  static constexpr std::size_t none = SIZE_MAX;

  std::size_t& of(const Port& port) {
    for (Known* known : recent_)
      if (known != nullptr && known->first.second == port.host_ip && known->first.first == port.protocol) return known->second;
    const auto at = runs_.try_emplace({port.protocol, port.host_ip}, none).first;
    recent_[next_++ % recent_.size()] = &*at;
    return at->second;
  }

 private:
  using Runs = std::map<std::pair<std::string, std::string>, std::size_t>;
  using Known = Runs::value_type;
  Runs runs_;
  std::array<Known*, 2> recent_{};
  std::size_t next_ = 0;
};

} // namespace

std::vector<PortRun> runs_of(const std::vector<Port>& ports) {
  std::vector<PortRun> runs;
  Open open;
  for (const Port& port : ports) {
    std::size_t& at = open.of(port);
    if (at != Open::none) {
      PortRun& run = runs[at];
      const bool same_inside = run.first.host_port == run.first.container_port && port.host_port == port.container_port;
      if (same_inside && port.host_port == run.first.host_port + run.count) {
        ++run.count;
        continue;
      }
    }
    at = runs.size();
    runs.push_back({port, 1});
  }
  return runs;
}

} // namespace gantry::net_bridge
