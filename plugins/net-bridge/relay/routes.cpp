#include "relay/routes.hpp"

#include "ports/runs.hpp"

namespace gantry::net_bridge {

RelayRoutes relay_routes_of(const PublishedTarget& target, const std::vector<Port>& ports) {
  RelayRoutes routes;
  for (const PortRun& run : runs_of(ports)) {
    const Way way = way_to(target, run.first);
    if (!way.relayed) continue;
    routes[{run.first.protocol, way.relayed->host.text(), run.first.host_port}] = {run.count, way.relayed->container->text(),
                                                                                   run.first.container_port};
  }
  return routes;
}

} // namespace gantry::net_bridge
