#include "driver/shim_client.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <gantry/sdk/spawn.hpp>

namespace gantry::runtime_linux {
namespace {

Error failed(const std::string& what, int err) { return {Code::internal, what + ": " + std::strerror(err), err}; }

/// Milliseconds for poll until the call's deadline, -1 without one.
int time_left(const Call& call) {
  if (!call.deadline_ns()) return -1;
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const std::int64_t left = call.deadline_ns() - (now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec);
  return left <= 0 ? 0 : static_cast<int>(left / 1'000'000 + 1);
}

} // namespace

UniqueFd memory_file(const char* name, const char* bytes, std::size_t size) {
  UniqueFd fd(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) throw failed("create a memory file", errno);
  if (::pwrite(fd.get(), bytes, size, 0) != static_cast<ssize_t>(size)) throw failed("fill a memory file", errno);
  return fd;
}

UniqueFd load_shim(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (!file || ::fstat(file.get(), &info) < 0)
    throw Error(Code::unavailable, "open " + path + ": " + std::strerror(errno), errno);
  UniqueFd copy(::memfd_create("gantry-shim", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!copy) throw failed("create a memory file", errno);
  for (off_t left = info.st_size; left > 0;) {
    const ssize_t n = ::sendfile(copy.get(), file.get(), nullptr, static_cast<std::size_t>(left));
    if (n <= 0) throw failed("copy " + path, errno);
    left -= n;
  }
  ::fchmod(copy.get(), 0500);
  if (::fcntl(copy.get(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
    throw failed("seal the shim", errno);
  return copy;
}

StartingShim::StartingShim(int shim_executable) {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) throw failed("create a socket pair", errno);
  connection.reset(pair[0]);
  const UniqueFd theirs(pair[1]);
  static const SpawnAttributes attributes;
  SpawnActions actions;
  ::posix_spawn_file_actions_adddup2(actions.get(), theirs.get(), 3);
  char path[32];
  std::snprintf(path, sizeof path, "/proc/self/fd/%d", shim_executable);
  char name[] = "gantry-shim";
  char* arguments[] = {name, nullptr};
  char* environment[] = {nullptr};
  if (const int err = ::posix_spawn(&pid_, path, actions.get(), attributes.get(), arguments, environment))
    throw failed("start gantry-shim", err);
}

StartingShim::~StartingShim() {
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

UniqueFd connect_shim(const RunDir& directory) {
  const UniqueFd place(::open(directory.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!place || !socket) return {};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", place.get(), control_socket_name);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) return {};
  return socket;
}

UniqueFd peer_process(int connection) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 || peer.pid < 1) return {};
  return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, peer.pid, 0)));
}

void await_end(int process) {
  constexpr int exit_wait_ms = 10'000;
  pollfd wait{process, POLLIN, 0};
  if (process >= 0) ::poll(&wait, 1, exit_wait_ms);
}

void kill_shim(const RunDir& directory) {
  const UniqueFd connection = connect_shim(directory);
  ucred peer{};
  socklen_t size = sizeof peer;
  if (connection && ::getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid > 1)
    ::kill(peer.pid, SIGKILL);
}

void send_request(int connection, const ControlRequest& request, const std::vector<int>& fds) {
  iovec body{const_cast<ControlRequest*>(&request), sizeof request};
  alignas(cmsghdr) char control[CMSG_SPACE(4 * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &body;
  message.msg_iovlen = 1;
  if (!fds.empty()) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(fds.size() * sizeof(int));
    cmsghdr* rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(fds.size() * sizeof(int));
    std::memcpy(CMSG_DATA(rights), fds.data(), fds.size() * sizeof(int));
  }
  if (::sendmsg(connection, &message, MSG_NOSIGNAL) < 0)
    throw Error(Code::unavailable, std::string("the container's shim does not take requests: ") + std::strerror(errno), errno);
}

ShimReply receive_reply(int connection, Call& call) {
  pollfd waits[2] = {{connection, POLLIN, 0}, {call.cancel_fd(), POLLIN, 0}};
  while (true) {
    const int n = ::poll(waits, waits[1].fd >= 0 ? 2 : 1, time_left(call));
    if (n < 0 && errno == EINTR) continue;
    if (n == 0) throw Error(Code::deadline_exceeded, "the container's shim did not answer in time");
    if (waits[0].revents) break;
    if (call.cancelled()) throw Error(Code::cancelled, "cancelled while the container's shim was working");
    waits[1].fd = -1;
  }
  ControlReply reply;
  ssize_t n = ::recv(connection, &reply, sizeof reply, 0);
  // As in shim/receive.cpp: the reply is behind the error.
  if (n < 0 && errno == ECONNRESET) n = ::recv(connection, &reply, sizeof reply, 0);
  if (n < static_cast<ssize_t>(control_reply_head)) throw Error(Code::unavailable, "the container's shim ended unexpectedly");
  const std::size_t size = std::min<std::size_t>(reply.message_size, static_cast<std::size_t>(n) - control_reply_head);
  return {reply.result, reply.reason, reply.state, reply.os_errno, reply.pid, std::string(reply.message, size)};
}

void check_reply(const ShimReply& reply) {
  const auto error = [&](Code code, const char* reason) {
    return Error(code, reply.message, std::string(reason), reply.os_errno);
  };
  switch (reply.result) {
    case ControlResult::ok:
      return;
    case ControlResult::not_found:
      throw error(Code::not_found, "");
    case ControlResult::invalid:
      throw error(Code::invalid, "");
    case ControlResult::forbidden_state:
      throw error(Code::forbidden_state, "");
    case ControlResult::exists:
      throw error(Code::already_exists, "");
    case ControlResult::failed:
      break;
  }
  switch (reply.reason) {
    case ControlReason::command_not_found:
      throw error(Code::not_found, "command_not_found");
    case ControlReason::command_not_executable:
      throw error(Code::forbidden, "command_not_executable");
    case ControlReason::user_not_found:
      throw error(Code::invalid, "user_not_found");
    default:
      throw error(Code::failed_precondition, "init_failed");
  }
}

} // namespace gantry::runtime_linux
