#include <fcntl.h>
#include <sys/socket.h>

#include <array>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "api/containers/handlers.hpp"
#include "api/detach_keys.hpp"
#include "api/websocket.hpp"

namespace gantry::api {

namespace {

struct SocketPair {
  UniqueFd ours, theirs;
};

SocketPair make_socket_pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0)
    throw os_error("socket pair for attach", errno);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

gantry::containers::AttachRequest read_attach_request(const Request& request) {
  gantry::containers::AttachRequest attach;
  attach.detach_keys = parse_detach_keys(request.query.get("detachKeys"));
  const bool chosen = request.version >= ApiVersion{1, 42};
  attach.in = !chosen || request.query.flag("stdin");
  attach.out = !chosen || request.query.flag("stdout");
  attach.err = !chosen || request.query.flag("stderr");
  attach.logs = request.query.flag("logs");
  attach.stream = request.query.flag("stream");
  attach.raw = true;
  return attach;
}

} // namespace

Task<void> get_container_attach_ws(Services& services, Request& request, Reply& reply) {
  const auto id = request.param("id");
  auto attach = read_attach_request(request);
  services.containers.check_attach(id);
  const auto container = services.containers.find(id);
  require_websocket(request);
  SocketPair pair = make_socket_pair();
  attach.client = std::move(pair.theirs);
  if (attach.stream) {
    // Before the handshake is answered, after which the client may start the container.
    co_await services.containers.attach(container->id, std::move(attach));
  } else {
    // A replay waits for its reader, which is the relay below.
    auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::co_spawn(executor, services.containers.attach(container->id, std::move(attach)), boost::asio::detached);
  }
  Hijacked taken = reply.take("");
  co_await relay_websocket(request, std::move(taken), std::move(pair.ours), request.version >= ApiVersion{1, 28});
}

} // namespace gantry::api
