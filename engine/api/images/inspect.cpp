#include <algorithm>

#include "api/images/handlers.hpp"
#include "api/images/manifests_wire.hpp"
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

/// docker-compose 1.x asks with the newest version and reads ContainerConfig, which is gone since 1.45: without it it cannot
/// recreate a service.
ApiVersion version_of_answer(const Request& request) {
  constexpr ApiVersion last_with_container{1, 44};
  return request.header("User-Agent").starts_with("docker-compose/1.") ? std::min(request.version, last_with_container)
                                                                       : request.version;
}

/// Descriptor of what the name stands for; with `manifests` all that is in it.
void add_target(Services& services, const Request& request, const gantry::images::ImagePtr& image, Json& answer) {
  auto& store = services.images.store();
  auto all = store.catalogue()->find_all(request.param("name"));
  if (all.empty() || !request.query.get("platform").empty()) all = {image};
  const auto target = target_of(store, all);
  if (request.query.flag("manifests")) return add_manifests(answer, store, target, containers_by_image(services.containers));
  answer["Descriptor"] = target.descriptor();
}

} // namespace

Task<void> get_image(Services& services, Request& request, Reply& reply) {
  const auto platform = request.version >= ApiVersion{1, 49} ? request.query.get("platform") : "";
  if (!platform.empty() && request.query.flag("manifests"))
    throw invalid("conflicting options: manifests and platform options cannot both be set");
  const auto image = services.images.resolve(request.param("name"), platform);
  Json answer = image_inspect(*image, graph_driver(services.storage, image->top_layer), version_of_answer(request));
  if (request.version >= ApiVersion{1, 48}) {
    auto work = [&] { add_target(services, request, image, answer); };
    co_await on(services.pool, work);
  }
  reply.json(200, answer);
}

} // namespace gantry::api
