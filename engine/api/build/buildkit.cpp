#include "api/build/buildkit.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "api/build/handlers.hpp"
#include "api/progress.hpp"
#include "base/id.hpp"
#include "base/text.hpp"
#include "buildkit/companion.hpp"

namespace gantry::api {
namespace {

namespace asio = boost::asio;

constexpr std::string_view upload_prefix = "upload-request:";
constexpr std::size_t status_line_max = 64 << 10;

gantry::buildkit::Companion& companion_of(Services& services) {
  if (services.buildkit == nullptr || !services.buildkit->is_installed())
    throw not_implemented("this daemon has no BuildKit: build with DOCKER_BUILDKIT=0, or with \"gantry build\"");
  return *services.buildkit;
}

Json message_of(const char* kind) { return {{"Kind", kind}}; }
Json message_of(const char* kind, const char* member, Json value) { return {{"Kind", kind}, {member, std::move(value)}}; }

/// Sends the message off the I/O threads: the companion may have to be started.
Task<void> hand_over(Services& services, Json message, UniqueFd fd) {
  auto& companion = companion_of(services);
  const auto held = std::make_shared<UniqueFd>(std::move(fd));
  auto job = [&companion, message = std::move(message), held] { companion.hand_over(message, held->get()); };
  co_await on(services.pool, std::move(job));
}

struct Pair {
  UniqueFd ours, its;
};

Pair make_pair() {
  int fds[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) throw os_error("make a socket", errno);
  return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

/// Takes the connection over for HTTP/2, whose first bytes come when the client has read the answer.
UniqueFd upgrade_to_http2(Reply& reply) {
  Hijacked taken = reply.take("");
  const std::string head = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
  // Nothing else has been sent that could fill the socket.
  const bool sent = ::send(taken.socket.get(), head.data(), head.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(head.size());
  if (!sent || !taken.pending.empty()) taken.socket.reset();
  return std::move(taken.socket);
}

void check_upgrade(const Request& request, Error (*refuse)(const std::string&)) {
  const std::string protocol(request.header("Upgrade"));
  if (protocol.empty()) throw refuse("no upgrade proto in request");
  if (protocol != "h2c") throw refuse("protocol " + protocol + " not supported");
}

/// What a session says of itself: X-Docker-Expose-Session-*.
Json session_headers(const Request& request) {
  Json headers = Json::object();
  for (const auto& [name, value] : request.headers)
    if (lower(name).starts_with("x-docker-expose-session-")) headers[name].push_back(value);
  return headers;
}

/// What the companion writes: a line that says how to answer, then the body.
class Answer {
 public:
  Answer(const asio::any_io_executor& executor, UniqueFd fd)
      : socket_(executor, asio::generic::stream_protocol(AF_UNIX, 0), fd.release()) {}

  Task<Json> status() {
    std::size_t end = 0;
    while ((end = buffer_.find('\n')) == buffer_.npos) {
      const std::string more = co_await read();
      if (more.empty() || buffer_.size() > status_line_max) throw internal("gantry-buildkit ended the build without an answer");
      buffer_ += more;
    }
    Json status = Json::parse(buffer_.substr(0, end), nullptr, false);
    buffer_.erase(0, end + 1);
    co_return status;
  }

  /// Empty at the end.
  Task<std::string> next() {
    if (!buffer_.empty()) co_return std::exchange(buffer_, {});
    co_return co_await read();
  }

 private:
  Task<std::string> read() {
    std::string bytes(16 << 10, '\0');
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    auto room = asio::buffer(bytes);
    const std::size_t n = co_await socket_.async_read_some(room, token);
    bytes.resize(error ? 0 : n);
    co_return bytes;
  }

  asio::generic::stream_protocol::socket socket_;
  std::string buffer_;
};

Task<void> pass_answer(Answer& answer, Reply& reply) {
  const Json status = co_await answer.status();
  const int code = status.is_object() ? status.value("Status", 500) : 500;
  if (code != 200) {
    Json body;
    body["message"] = status.is_object() ? status.value("Message", "") : "";
    reply.json(code, body);
    co_return;
  }
  co_await reply.begin_stream("application/json");
  for (;;) {
    std::string bytes = co_await answer.next();
    if (bytes.empty()) co_return;
    co_await reply.write(std::move(bytes));
  }
}

/// A context's bytes from the request to the companion, which may want no more of them.
void pump(int from, int to, const Interrupt& interrupt) {
  char bytes[64 << 10];
  for (;;) {
    interrupt->check();
    const ssize_t n = ::read(from, bytes, sizeof bytes);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    for (ssize_t done = 0; done < n;) {
      const ssize_t sent = ::send(to, bytes + done, static_cast<std::size_t>(n - done), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent > 0) done += sent;
      if (sent >= 0 || errno == EINTR) continue;
      if (errno != EAGAIN) return;
      pollfd wanted[] = {{to, POLLOUT, 0}, {interrupt->fd(), POLLIN, 0}};
      (void)::poll(wanted, 2, -1);
      interrupt->check();
    }
  }
}

/// The request's body as the context of the build `id`.
Task<void> upload(Services& services, Request& request, Reply& reply, const std::string& id) {
  Pair pair = make_pair();
  const auto body = std::make_shared<UniqueFd>(request.source->pipe());
  const auto target = std::make_shared<UniqueFd>(std::move(pair.ours));
  Json message = message_of("upload", "BuildId", id);
  co_await hand_over(services, std::move(message), std::move(pair.its));
  auto work = [body, target](const Interrupt& interrupt) { pump(body->get(), target->get(), interrupt); };
  co_await run_transfer(reply, work);
}

/// A context that came with the build itself is one that was uploaded for it.
Task<std::string> with_own_context(Services& services, Request& request) {
  const std::string id = request.query.get("buildid").empty() ? random_id() : request.query.get("buildid");
  Json message = message_of("upload", "BuildId", id);
  co_await hand_over(services, std::move(message), request.source->pipe());
  co_return "remote=upload-request&buildid=" + id + "&" + request.query.text(); // the first ones count
}

Task<void> run_build(Services& services, Reply& reply, std::string query) {
  Pair pair = make_pair();
  Json message = message_of("build", "Query", std::move(query));
  co_await hand_over(services, std::move(message), std::move(pair.its));
  Answer answer(co_await asio::this_coro::executor, std::move(pair.ours));
  co_await reply.until_hang_up(pass_answer(answer, reply));
}

} // namespace

Task<void> build_with_buildkit(Services& services, Request& request, Reply& reply) {
  (void)companion_of(services);
  const std::string id = request.query.get("buildid");
  if (id.starts_with(upload_prefix)) {
    if (request.source == nullptr) throw invalid("buildid: \"" + id + "\" comes with a context, not with a remote one");
    co_await upload(services, request, reply, id.substr(upload_prefix.size()));
    reply.empty(200);
    co_return;
  }
  std::string query = request.query.text();
  if (request.source != nullptr) query = co_await with_own_context(services, request);
  co_await run_build(services, reply, std::move(query));
}

Task<void> cancel_with_buildkit(Services& services, const std::string& id) {
  if (services.buildkit == nullptr || !services.buildkit->is_running()) co_return; // and so no build is
  Json message = message_of("cancel", "BuildId", id);
  co_await hand_over(services, std::move(message), UniqueFd());
}

/// The API of BuildKit's daemon.
Task<void> post_grpc(Services& services, Request& request, Reply& reply) {
  check_upgrade(request, internal);
  (void)companion_of(services);
  UniqueFd connection = upgrade_to_http2(reply);
  Json message = message_of("grpc");
  if (connection) co_await hand_over(services, std::move(message), std::move(connection));
}

/// A client's services for its builds: files, secrets, credentials.
Task<void> post_session(Services& services, Request& request, Reply& reply) {
  check_upgrade(request, invalid);
  (void)companion_of(services);
  UniqueFd connection = upgrade_to_http2(reply);
  Json message = message_of("session", "Headers", session_headers(request));
  if (connection) co_await hand_over(services, std::move(message), std::move(connection));
}

} // namespace gantry::api
