#include "api/images/caller.hpp"
#include "api/images/handlers.hpp"
#include "api/progress.hpp"

namespace gantry::api {

Task<void> get_distribution(Services& services, Request& request, Reply& reply) {
  auto answer = std::make_shared<Json>();
  auto work = [&registries = services.registries, name = request.param("name"), caller = caller_of(request),
               answer](Interrupt interrupt) { *answer = registries.inspect(name, caller, *interrupt); };
  co_await run_transfer(reply, work);
  reply.json(200, *answer);
}

} // namespace gantry::api
