#include "api/json_members.hpp"
#include "api/progress.hpp"
#include "api/system/handlers.hpp"

namespace gantry::api {

/// Asks the registry; keeps nothing.
Task<void> post_auth(Services& services, Request& request, Reply& reply) {
  const auto body = request.json();
  require_object(body);
  const auto credentials = gantry::registry::credentials_of(body);
  auto token = std::make_shared<std::string>();
  auto work = [&registries = services.registries, credentials, token](Interrupt interrupt) {
    *token = registries.login(credentials, *interrupt);
  };
  co_await run_transfer(reply, work);
  Json answer{{"IdentityToken", *token}, {"Status", "Login Succeeded"}};
  reply.json(200, answer);
}

} // namespace gantry::api
