#include "api/images/caller.hpp"
#include "api/images/handlers.hpp"
#include "api/progress.hpp"
#include "base/error.hpp"

namespace gantry::api {
namespace {

/// Since 1.46; older clients may send one that they do not mean. Several are not for one push: without a platform all go out.
std::string platform_of(const Request& request) {
  if (request.version < ApiVersion{1, 46}) return {};
  if (request.query.all("platform").size() > 1) throw invalid("only one platform can be pushed at a time, or all of them");
  return request.query.get("platform");
}

} // namespace

Task<void> post_image_push(Services& services, Request& request, Reply& reply) {
  const gantry::registry::PushRequest wanted{request.param("name"), request.query.get("tag"), platform_of(request)};
  auto caller = caller_of(request);
  auto work = [&registries = services.registries, wanted, caller](const gantry::images::Progress& progress, Interrupt interrupt) {
    registries.push(wanted, caller, progress, std::move(interrupt));
  };
  co_await stream_transfer(reply, work);
}

} // namespace gantry::api
