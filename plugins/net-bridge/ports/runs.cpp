#include "ports/runs.hpp"

#include <map>

namespace gantry::net_bridge {

std::vector<PortRun> runs_of(const std::vector<Port>& ports) {
  std::vector<PortRun> runs;
  std::map<std::pair<std::string, std::string>, std::size_t> open; // (protocol, host address) → the run that may go on
  for (const Port& port : ports) {
    const auto [at, fresh] = open.try_emplace({port.protocol, port.host_ip}, runs.size());
    if (!fresh) {
      PortRun& run = runs[at->second];
      const bool same_inside = run.first.host_port == run.first.container_port && port.host_port == port.container_port;
      if (same_inside && port.host_port == run.first.host_port + run.count) {
        ++run.count;
        continue;
      }
      at->second = runs.size();
    }
    runs.push_back({port, 1});
  }
  return runs;
}

} // namespace gantry::net_bridge
