#include "api/build/buildkit.hpp"
#include "api/build/handlers.hpp"
#include "api/build/request.hpp"
#include "api/progress.hpp"
#include "build/build_service.hpp"
#include "system/system_service.hpp"

namespace gantry::api {

Task<void> post_build(Services& services, Request& request, Reply& reply) {
  if (services.builds == nullptr) throw not_implemented("this daemon does not build images");
  if (request.query.get("version") == "2") {
    co_await build_with_buildkit(services, request, reply);
    co_return;
  }
  const auto wanted = std::make_shared<gantry::build::BuildRequest>(build_request(request, services.system.experimental()));
  const auto body = std::make_shared<UniqueFd>();
  if (wanted->remote.empty()) *body = request.source->pipe();
  auto work = [builds = services.builds, wanted, body](const gantry::images::Progress& progress, Interrupt interrupt) {
    builds->build(*wanted, std::move(*body), progress, std::move(interrupt));
  };
  co_await stream_transfer(reply, work);
}

/// Builds of the classic kind end with their connection; ids belong to BuildKit. One that is not there is cancelled, as with
/// dockerd.
Task<void> post_build_cancel(Services& services, Request& request, Reply& reply) {
  if (request.query.get("id").empty()) throw invalid("build ID not provided");
  co_await cancel_with_buildkit(services, request.query.get("id"));
  reply.empty(200);
}

} // namespace gantry::api
