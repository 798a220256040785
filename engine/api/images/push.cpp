#include "api/images/caller.hpp"
#include "api/images/handlers.hpp"
#include "api/progress.hpp"

namespace gantry::api {

Task<void> post_image_push(Services& services, Request& request, Reply& reply) {
  const gantry::registry::PushRequest wanted{request.param("name"), request.query.get("tag"), request.query.get("platform")};
  auto caller = caller_of(request);
  auto work = [&registries = services.registries, wanted, caller](const gantry::images::Progress& progress, Interrupt interrupt) {
    registries.push(wanted, caller, progress, std::move(interrupt));
  };
  co_await stream_transfer(reply, work);
}

} // namespace gantry::api
