#include "api/exec/handlers.hpp"
#include "api/json_members.hpp"
#include "api/stdcopy.hpp"
#include "containers/json_reader.hpp"

namespace gantry::api {

namespace {

gantry::containers::ExecStart read_request(const Request& request) {
  const auto body = request.json();
  require_object(body);
  gantry::containers::ExecStart start;
  start.detach = bool_member(body, "Detach");
  start.tty = bool_member(body, "Tty");
  if (request.version >= ApiVersion{1, 42} && gantry::containers::JsonReader(body, "").find("ConsoleSize") != nullptr) {
    if (!start.tty) throw invalid("console size is only supported when TTY is enabled");
    const auto size = console_size_member(body);
    start.console_rows = size.rows;
    start.console_cols = size.cols;
  }
  return start;
}

} // namespace

Task<void> post_exec_start(Services& services, Request& request, Reply& reply) {
  const auto id = request.param("id");
  auto start = read_request(request);
  services.containers.check_exec_start(id);
  if (start.detach) {
    co_await services.containers.exec_start(id, std::move(start));
    reply.empty(200);
    co_return;
  }
  // Whether there is a terminal is the exec's own property; whether there are frames, what the client says here, which is how it
  // reads the stream (docker-py does not look at the exec).
  Hijacked taken = co_await reply.hijack(stream_media_type(start.tty, request.version));
  start.client = std::move(taken.socket);
  start.pending = std::move(taken.pending);
  co_await services.containers.exec_start(id, std::move(start));
}

} // namespace gantry::api
