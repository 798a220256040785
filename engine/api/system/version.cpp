#include "api/api_facts.hpp"
#include "api/system/handlers.hpp"

namespace gantry::api {

Task<void> get_version(Services& services, Request&, Reply& reply) {
  reply.json(200, services.system.version(api_facts()));
  co_return;
}

} // namespace gantry::api
