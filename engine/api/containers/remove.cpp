#include "api/containers/handlers.hpp"

namespace gantry::api {

Task<void> delete_container(Services& services, Request& request, Reply& reply) {
  gantry::containers::RemoveOptions options;
  options.force = request.query.flag("force");
  options.volumes = request.query.flag("v");
  options.link = request.query.flag("link");
  co_await services.containers.remove(request.param("id"), options);
  reply.empty(204);
}

} // namespace gantry::api
