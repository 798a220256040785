#include "api/containers/handlers.hpp"

namespace gantry::api {

Task<void> get_container_top(Services& services, Request& request, Reply& reply) {
  const gantry::containers::TopResult top = co_await services.containers.top(request.param("id"), request.query.get("ps_args"));
  Json body;
  body["Processes"] = top.processes;
  body["Titles"] = top.titles;
  reply.json(200, body);
}

} // namespace gantry::api
