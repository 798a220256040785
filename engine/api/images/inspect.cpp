#include "api/images/handlers.hpp"
#include "api/images/wire.hpp"
#include "plugins/call.hpp"

namespace gantry::api {
namespace {

/// An image without layers has no snapshot to show.
GraphDriver graph_driver(StorageDriver& storage, const std::string& top_layer) {
  GraphDriver driver{storage.name(), {}};
  if (!top_layer.empty()) driver.data = storage.graph_data(*plugins::make_call(), top_layer);
  return driver;
}

} // namespace

Task<void> get_image(Services& services, Request& request, Reply& reply) {
  const auto platform = request.version >= ApiVersion{1, 49} ? request.query.get("platform") : "";
  if (!platform.empty() && request.query.flag("manifests"))
    throw invalid("conflicting options: manifests and platform options cannot both be set");
  const auto image = services.images.resolve(request.param("name"), platform);
  reply.json(200, image_inspect(*image, graph_driver(services.storage, image->top_layer), request.version));
  co_return;
}

} // namespace gantry::api
