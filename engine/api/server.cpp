#include "api/server.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <mutex>
#include <unordered_map>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include "api/connection.hpp"
#include "api/listener.hpp"
#include "api/routes.hpp"
#include "base/log.hpp"

namespace gantry::api {

namespace asio = boost::asio;

struct Server::Impl : std::enable_shared_from_this<Server::Impl> {
  struct Door {
    Door(Listener bound, const asio::any_io_executor& executor)
        : listener(std::move(bound)), readiness(executor, listener.socket.release()) {}
    Listener listener;
    asio::posix::stream_descriptor readiness;
  };

  Impl(asio::any_io_executor io, Services wired, ServerOptions chosen)
      : executor(std::move(io)),
        strand(asio::make_strand(executor)),
        services(wired),
        options(std::move(chosen)),
        router(make_router()) {}

  Task<void> accept_all(Door& door);
  bool accept_one(Door& door);
  void begin(const asio::any_io_executor& own, UniqueFd client, int family);
  Task<void> serve(std::shared_ptr<Socket> socket);
  void close_doors();
  void cut_connections();
  Task<void> stop(std::chrono::milliseconds grace);

  asio::any_io_executor executor;
  asio::any_io_executor strand; ///< of the doors
  Services services;
  ServerOptions options;
  Router router;
  std::optional<TlsDoor> tls;
  InFlight in_flight;
  std::vector<std::unique_ptr<Door>> doors;

  std::mutex guard; ///< of the two below
  bool stopped = false;
  std::unordered_map<Socket*, std::weak_ptr<Socket>> connections;
};

Task<void> Server::Impl::accept_all(Door& door) {
  const auto self = shared_from_this();
  boost::system::error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  for (;;) {
    co_await door.readiness.async_wait(asio::posix::stream_descriptor::wait_read, token);
    if (error) co_return;
    while (accept_one(door)) {
    }
    if (errno != EMFILE && errno != ENFILE) continue;
    log::warn("api: too many open files, connections have to wait");
    asio::steady_timer pause(strand, std::chrono::milliseconds(100));
    co_await pause.async_wait(token);
  }
}

/// False when nobody (else) is waiting, with accept4's errno.
bool Server::Impl::accept_one(Door& door) {
  UniqueFd client(::accept4(door.readiness.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!client) return errno == EINTR || errno == ECONNABORTED;
  const int on = 1;
  if (door.listener.tcp) ::setsockopt(client.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const bool encrypted = door.listener.tcp && tls;
  auto own = asio::make_strand(executor);
  try {
    if (encrypted) client = tls->admit(own, std::move(client));
  } catch (const Error& problem) {
    log::warn(std::string("api: ") + problem.what());
    return true;
  }
  begin(own, std::move(client), door.listener.tcp && !encrypted ? AF_INET : AF_UNIX);
  return true;
}

void Server::Impl::begin(const asio::any_io_executor& own, UniqueFd client, int family) {
  const asio::generic::stream_protocol protocol(family, 0);
  auto socket = std::make_shared<Socket>(own, protocol, client.release());
  {
    std::lock_guard lock(guard);
    if (stopped) return;
    connections.emplace(socket.get(), socket);
  }
  asio::co_spawn(own, serve(std::move(socket)), asio::detached);
}

Task<void> Server::Impl::serve(std::shared_ptr<Socket> socket) {
  const auto self = shared_from_this();
  const Dispatcher dispatcher{router, services, in_flight};
  co_await serve_connection(*socket, dispatcher);
  std::lock_guard lock(guard);
  connections.erase(socket.get());
}

void Server::Impl::close_doors() {
  for (auto& door : doors) {
    boost::system::error_code ignored;
    if (!door->readiness.is_open()) continue;
    door->readiness.close(ignored);
    if (!door->listener.path.empty()) ::unlink(door->listener.path.c_str());
  }
}

void Server::Impl::cut_connections() {
  std::lock_guard lock(guard);
  stopped = true;
  for (auto& [key, weak] : connections) {
    auto socket = weak.lock();
    if (!socket) continue;
    asio::post(socket->get_executor(), [socket] {
      boost::system::error_code ignored;
      socket->close(ignored);
    });
  }
}

Task<void> Server::Impl::stop(std::chrono::milliseconds grace) {
  close_doors();
  const auto deadline = std::chrono::steady_clock::now() + grace;
  asio::steady_timer pause(strand);
  while (in_flight.count() > 0 && std::chrono::steady_clock::now() < deadline) {
    pause.expires_after(std::chrono::milliseconds(5));
    co_await pause.async_wait(asio::use_awaitable);
  }
  cut_connections();
}

Server::Server(asio::any_io_executor executor, Services services, ServerOptions options)
    : impl_(std::make_shared<Impl>(std::move(executor), services, std::move(options))) {
  // A client or a loader that went away is an error of the write, not the end of the daemon.
  std::signal(SIGPIPE, SIG_IGN);
}

Server::~Server() { impl_->close_doors(); }

void Server::open() {
  if (impl_->options.tls) impl_->tls.emplace(*impl_->options.tls);
  try {
    for (const auto& host : impl_->options.hosts)
      impl_->doors.push_back(std::make_unique<Impl::Door>(listen_on(host, impl_->options.socket_group), impl_->strand));
  } catch (...) {
    impl_->close_doors();
    impl_->doors.clear();
    throw;
  }
}

void Server::start() {
  for (auto& door : impl_->doors) asio::co_spawn(impl_->strand, impl_->accept_all(*door), asio::detached);
}

Task<void> Server::stop(std::chrono::milliseconds grace) {
  const auto impl = impl_;
  co_await asio::co_spawn(impl->strand, impl->stop(grace), asio::use_awaitable);
}

void Server::serve(UniqueFd client) { impl_->begin(asio::make_strand(impl_->executor), std::move(client), AF_UNIX); }

std::vector<std::string> Server::endpoints() const {
  std::vector<std::string> all;
  for (const auto& door : impl_->doors) all.push_back(door->listener.endpoint);
  return all;
}

} // namespace gantry::api
