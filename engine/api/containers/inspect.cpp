#include "api/containers/handlers.hpp"
#include "api/containers/wire.hpp"
#include "containers/log_delivery.hpp"
#include "plugins/call.hpp"

namespace gantry::api {

namespace {

using gantry::containers::ContainerPtr;
using GraphData = std::vector<std::pair<std::string, std::string>>;

/// Only path names: a driver answers from memory, and one that cannot has nothing to show.
GraphData graph_data(StorageDriver& storage, const std::string& id) {
  try {
    return storage.graph_data(*plugins::make_call(), id);
  } catch (const Error&) {
    return {};
  }
}

} // namespace

Task<void> get_container(Services& services, Request& request, Reply& reply) {
  const ContainerPtr container = services.containers.find(request.param("id"));
  InspectContext context{
      services.paths, services.containers.exec_ids(container->id), graph_data(services.storage, container->id), {}};
  if (request.query.flag("size")) {
    const ContainerSize size = co_await services.containers.size(container->id);
    context.size = size;
  }
  Json json = container_inspect(*container, context, request.version);
  if (const auto delivery = services.containers.log_delivery(container->id)) {
    json["Gantry"]["LogDelivery"] = {{"Driver", delivery->driver},
                                     {"Delivered", delivery->delivered},
                                     {"Dropped", delivery->dropped},
                                     {"Error", delivery->error}};
  }
  reply.json(200, std::move(json));
}

} // namespace gantry::api
