#include "api/containers/explain_wire.hpp"
#include "api/containers/handlers.hpp"

namespace gantry::api {

Task<void> get_container_explain(Services& services, Request& request, Reply& reply) {
  const gantry::containers::Explained explained = co_await services.containers.explain(request.param("id"));
  reply.json(200, explain_json(explained, services.containers.log_delivery(explained.container->id)));
}

} // namespace gantry::api
