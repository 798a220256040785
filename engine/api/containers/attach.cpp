#include "api/containers/handlers.hpp"
#include "api/detach_keys.hpp"
#include "api/stdcopy.hpp"

namespace gantry::api {

Task<void> post_container_attach(Services& services, Request& request, Reply& reply) {
  const auto id = request.param("id");
  gantry::containers::AttachRequest attach;
  attach.detach_keys = parse_detach_keys(request.query.get("detachKeys"));
  attach.in = request.query.flag("stdin");
  attach.out = request.query.flag("stdout");
  attach.err = request.query.flag("stderr");
  attach.logs = request.query.flag("logs");
  attach.stream = request.query.flag("stream");
  services.containers.check_attach(id);
  const auto container = services.containers.find(id);
  // The client starts the container when it has seen the reply: that must not overtake the attachment.
  Hijacked taken = reply.take(stream_media_type(container->config.tty, request.version));
  attach.greeting = std::move(taken.head);
  attach.client = std::move(taken.socket);
  attach.pending = std::move(taken.pending);
  co_await services.containers.attach(container->id, std::move(attach));
}

} // namespace gantry::api
