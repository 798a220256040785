#include "api/api_facts.hpp"
#include "api/gates.hpp"
#include "api/system/handlers.hpp"

namespace gantry::api {

Task<void> get_info(Services& services, Request& request, Reply& reply) {
  auto info = services.system.info(api_facts());
  apply_gates(WireObject::info, request.version, info);
  reply.json(200, info);
  co_return;
}

} // namespace gantry::api
