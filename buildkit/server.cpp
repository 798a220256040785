#include "buildkit/server.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstdio>

#include <grpcpp/resource_quota.h>
#include <grpcpp/server_posix.h>

#include "base/packets.hpp"
#include "buildkit/sockets.hpp"

namespace gantry::buildkit {
namespace {

constexpr int call_max = 16 << 20, streams_max = 128, threads_max = 1024;
constexpr std::size_t connections_max = 512, memory_max = 512 << 20;
constexpr std::chrono::seconds idle_after(60);
constexpr int sweep_ms = 500;

} // namespace

Server::Server(UniqueFd control)
    : control_(std::move(control)),
      daemon_(control_.get()),
      control_service_(daemon_, sessions_, builds_),
      bridge_service_(daemon_, builds_),
      post_builds_(daemon_, sessions_, builds_) {
  grpc::ResourceQuota quota("clients");
  quota.Resize(memory_max);
  quota.SetMaxThreads(threads_max);
  grpc::ServerBuilder builder;
  builder.RegisterService(&control_service_);
  builder.RegisterService(&bridge_service_);
  builder.SetResourceQuota(quota);
  builder.SetMaxReceiveMessageSize(call_max);
  builder.SetMaxSendMessageSize(call_max);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, streams_max);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, 64 << 10);
  // Clients ping as often as they like, as with BuildKit.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 0);
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) throw std::runtime_error("gRPC does not start");
}

Server::~Server() = default;

void Server::run() {
  auto used = std::chrono::steady_clock::now();
  for (;;) {
    pollfd wanted{control_.get(), POLLIN, 0};
    const int n = ::poll(&wanted, 1, sweep_ms);
    if (n < 0 && errno != EINTR) return;
    if (n > 0) {
      if (!take_message()) return;
      used = std::chrono::steady_clock::now();
    }
    const auto now = std::chrono::steady_clock::now();
    if (sweep()) used = now;
    if (now - used < idle_after) continue;
    offer_end();
    used = now;
  }
}

/// Only the daemon knows whether something is on its way: it closes the connection, or does not.
void Server::offer_end() {
  const std::string message = Json{{"Kind", "idle"}, {"Seen", seen_}}.dump();
  (void)::send(control_.get(), message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

bool Server::take_message() {
  auto packet = receive_packet(control_.get());
  if (!packet) return false;
  ++seen_;
  if (!packet->message.is_object()) return true;
  try {
    take(packet->message, std::move(packet->fd));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "gantry-buildkit: %s\n", e.what());
  }
  return true;
}

void Server::take(const Json& message, UniqueFd connection) {
  const std::string kind = message.value("Kind", "");
  if (kind == "grpc" && connection) return serve(std::move(connection));
  if (kind == "session" && connection) return begin_session(message.value("Headers", Json::object()), std::move(connection));
  if (kind == "build" && connection) return post_builds_.build(message.value("Query", ""), std::move(connection));
  if (kind == "upload" && connection) return post_builds_.upload(message.value("BuildId", ""), std::move(connection));
  if (kind == "cancel") return post_builds_.cancel(message.value("BuildId", ""));
}

void Server::serve(UniqueFd connection) {
  if (connections_.size() >= connections_max) return;
  ::fcntl(connection.get(), F_SETFL, ::fcntl(connection.get(), F_GETFL) | O_NONBLOCK);
  UniqueFd watched(::fcntl(connection.get(), F_DUPFD_CLOEXEC, 0));
  if (!watched) throw std::runtime_error(std::string("a client's connection: ") + std::strerror(errno));
  connections_.push_back(std::move(watched));
  grpc::AddInsecureChannelFromFd(server_.get(), connection.release());
}

void Server::begin_session(const Json& headers, UniqueFd connection) {
  const auto session = std::make_shared<Session>(headers, std::move(connection));
  if (!sessions_.add(session)) throw std::runtime_error("a session that is there already, or too many of them");
}

bool Server::sweep() {
  post_builds_.sweep();
  std::erase_if(connections_, [](const UniqueFd& connection) { return has_gone(connection.get()); });
  bool any = !connections_.empty() || !builds_.empty() || post_builds_.any();
  for (const auto& session : sessions_.all()) {
    if (has_gone(session->watched())) {
      sessions_.remove(session->id());
      session->gone().cancel();
    } else {
      any = true;
    }
  }
  return any;
}

} // namespace gantry::buildkit
