#include "api/system/handlers.hpp"
#include "buildkit/companion.hpp"
#include "system/system_service.hpp"

namespace gantry::api {

Task<void> get_ping(Services& services, Request& request, Reply& reply) {
  if (services.system.experimental()) reply.header("Docker-Experimental", "true");
  reply.header("Builder-Version", services.buildkit != nullptr && services.buildkit->is_installed() ? "2" : "1");
  reply.header("Cache-Control", "no-cache, no-store, must-revalidate");
  reply.header("Pragma", "no-cache");
  reply.header("Swarm", "inactive");
  reply.text(200, request.method == Method::head ? "" : "OK");
  co_return;
}

Task<void> options_any(Services&, Request&, Reply& reply) {
  reply.empty(200);
  co_return;
}

} // namespace gantry::api
