#include "build/mounts/agent_relay.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"

namespace gantry::build {
namespace {

constexpr std::size_t message_max = 256 << 10; // as OpenSSH's agent has it
constexpr std::size_t connections_max = 64;
constexpr int agent_patience_ms = 5'000;

std::size_t length_at(std::string_view bytes) {
  std::size_t length = 0;
  for (std::size_t i = 0; i < 4; ++i) length = length << 8 | static_cast<unsigned char>(bytes[i]);
  return length;
}

std::string with_length(const std::string& message) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(message.size() >> shift & 0xff);
  return out + message;
}

UniqueFd listen_at(const std::string& path) {
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  // By the directory's descriptor: a socket's address holds 107 characters only.
  const std::size_t slash = path.rfind('/');
  const UniqueFd directory = open_file(path.substr(0, slash), O_PATH | O_DIRECTORY);
  const std::string name = "/proc/self/fd/" + std::to_string(directory.get()) + path.substr(slash);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path, sizeof address.sun_path - 1);
  if (!socket || ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(socket.get(), 16) != 0)
    throw os_error("make the socket of an ssh agent", errno);
  return socket;
}

} // namespace

AgentRelay::AgentRelay(const std::string& path, const FileOwner& owner, SessionPtr session, std::string agent)
    : session_(std::move(session)), agent_(std::move(agent)), listener_(listen_at(path)) {
  set_owner(path, owner);
  thread_ = std::thread([this] { run(); });
}

AgentRelay::~AgentRelay() {
  stop_.set();
  thread_.join();
}

void AgentRelay::run() {
  std::vector<Connection> connections;
  while (!stop_.is_set()) {
    std::vector<pollfd> wanted = {{stop_.fd(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
    if (connections.size() >= connections_max) wanted[1].events = 0;
    for (const auto& connection : connections) wanted.push_back({connection.socket.get(), POLLIN, 0});
    if (::poll(wanted.data(), wanted.size(), -1) < 0) continue;
    std::vector<Connection> alive;
    for (std::size_t i = 0; i < connections.size(); ++i) {
      if (wanted[i + 2].revents == 0 || serve(connections[i]))
        alive.push_back(std::move(connections[i]));
      else
        session_->end_connection(agent_, connections[i].number);
    }
    connections = std::move(alive);
    if (wanted[1].revents == 0) continue;
    UniqueFd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!client) { // too many descriptors, for example
      pollfd stopped{stop_.fd(), POLLIN, 0};
      (void)::poll(&stopped, 1, 50);
      continue;
    }
    connections.push_back({session_->new_connection(), std::move(client)});
  }
  for (const auto& connection : connections) session_->end_connection(agent_, connection.number);
}

bool AgentRelay::serve(Connection& connection) {
  char bytes[16 << 10];
  const ssize_t n = ::recv(connection.socket.get(), bytes, sizeof bytes, 0);
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  if (n == 0) return false;
  std::string& buffer = connection.buffer;
  buffer.append(bytes, static_cast<std::size_t>(n));
  while (buffer.size() >= 4) {
    const std::size_t length = length_at(buffer);
    if (length == 0 || length > message_max) return false;
    if (buffer.size() < 4 + length) break;
    if (!answer(connection, std::string_view(buffer).substr(4, length))) return false;
    buffer.erase(0, 4 + length);
  }
  return true;
}

bool AgentRelay::answer(Connection& connection, std::string_view message) {
  const auto reply = session_->ask(agent_, connection.number, message, stop_);
  if (!reply || reply->empty() || reply->size() > message_max) return false;
  const std::string bytes = with_length(*reply);
  for (std::string_view left = bytes; !left.empty();) {
    const ssize_t n = ::send(connection.socket.get(), left.data(), left.size(), MSG_NOSIGNAL);
    if (n > 0) left.remove_prefix(static_cast<std::size_t>(n));
    pollfd room{connection.socket.get(), POLLOUT, 0};
    if (n < 0 && (errno != EAGAIN || ::poll(&room, 1, agent_patience_ms) <= 0)) return false;
  }
  return true;
}

} // namespace gantry::build
