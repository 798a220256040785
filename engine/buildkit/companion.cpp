#include "buildkit/companion.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include <gantry/sdk/spawn.hpp>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/packets.hpp"

namespace gantry::buildkit {
namespace {

constexpr int connection_in_child = 3;
constexpr int room = 4 * packet_max; ///< in the socket
constexpr timeval patience{5, 0};    ///< with one that takes nothing

/// It works for clients: it goes before the engine when memory is short.
void let_it_go_first(pid_t pid) {
  const UniqueFd file(::open(("/proc/" + std::to_string(pid) + "/oom_score_adj").c_str(), O_WRONLY | O_CLOEXEC));
  if (file) (void)!::write(file.get(), "500", 3);
}

} // namespace

Companion::Companion(std::string program, std::function<void(UniqueFd)> serve)
    : program_(std::move(program)), serve_(std::move(serve)) {}

Companion::~Companion() {
  const std::lock_guard lock(guard_);
  end();
}

bool Companion::is_installed() const { return ::access(program_.c_str(), X_OK) == 0; }

void Companion::hand_over(const Json& message, int fd) {
  const std::lock_guard lock(guard_);
  if (!connection_) start();
  if (!send_packet(connection_.get(), message, fd)) {
    end(); // it has ended since
    start();
    if (!send_packet(connection_.get(), message, fd)) throw Error(Code::unavailable, "gantry-buildkit does not listen");
  }
  ++handed_over_;
}

void Companion::start() {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) throw os_error("make a socket", errno);
  UniqueFd ours(pair[0]);
  ::setsockopt(ours.get(), SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
  ::setsockopt(ours.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  const UniqueFd its(pair[1]);
  SpawnActions actions;
  // Where it has that number already, it is only kept open (posix_spawn_file_actions_adddup2(3)).
  ::posix_spawn_file_actions_adddup2(actions.get(), its.get(), connection_in_child);
  const SpawnAttributes attributes;
  std::string program = program_;
  char* const argv[] = {program.data(), nullptr};
  pid_t pid = 0;
  if (const int error = ::posix_spawn(&pid, program.c_str(), actions.get(), attributes.get(), argv, environ); error != 0)
    throw Error(Code::unavailable, "cannot start " + program_ + ": " + std::strerror(error));
  process_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  try {
    if (!process_) throw os_error("watch gantry-buildkit", errno);
    running_ = true;
    listener_ = std::thread([this, connection = ours.get(), pid] { listen(connection, pid); });
  } catch (...) {
    running_ = false;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    throw;
  }
  let_it_go_first(pid);
  handed_over_ = 0;
  connection_ = std::move(ours);
}

void Companion::end() {
  if (!connection_) return;
  ::shutdown(connection_.get(), SHUT_RDWR);
  // Builds that it has under way end with their connections.
  (void)::syscall(SYS_pidfd_send_signal, process_.get(), SIGKILL, nullptr, 0);
  if (listener_.joinable()) listener_.join();
  connection_.reset();
  process_.reset();
}

void Companion::listen(int connection, pid_t pid) {
  while (auto packet = receive_packet(connection)) {
    try {
      const std::string kind = packet->message.value("Kind", "");
      if (kind == "api" && packet->fd) serve_(std::move(packet->fd));
      if (kind == "idle") let_go(packet->message.value("Seen", std::uint64_t{0}));
    } catch (const std::exception& e) {
      log::warn(std::string("gantry-buildkit: ") + e.what());
    }
  }
  running_ = false;
  ::shutdown(connection, SHUT_RDWR);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
    log::error("gantry-buildkit died of signal " + std::to_string(WTERMSIG(status)) + "; its builds have ended");
}

/// It ends when it hears no more. Not while something is on its way that it has not seen.
void Companion::let_go(std::uint64_t seen) {
  const std::unique_lock lock(guard_, std::try_to_lock); // who holds it may wait for this thread; it asks again
  if (lock && seen == handed_over_) ::shutdown(connection_.get(), SHUT_RDWR);
}

} // namespace gantry::buildkit
