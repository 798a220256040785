#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>

#include <gantry/sdk/spawn.hpp>

#include "driver/compile_plan.hpp"
#include "driver/linux_driver.hpp"
#include "driver/requests.hpp"

// Mounts of containers that run: see init/live_mount.hpp for the process that makes them.
namespace gantry::runtime_linux {
namespace {

/// What takes longer is a file system that hangs: that of the source, or one that the container has on the way to the target.
constexpr std::int64_t patience_ns = 20'000'000'000;

Error failed(const std::string& what, int err) { return {Code::internal, what + ": " + std::strerror(err), err}; }

std::int64_t monotonic_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

/// One byte with descriptors.
void send_order(int socket, const std::vector<int>& fds) {
  char nothing = 0;
  iovec body{&nothing, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(2 * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &body;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(fds.size() * sizeof(int));
  std::memcpy(CMSG_DATA(rights), fds.data(), fds.size() * sizeof(int));
  if (::sendmsg(socket, &message, MSG_NOSIGNAL) < 0) throw failed("talk to gantry-shim", errno);
}

/// Killed and reaped when this goes.
class Helper {
 public:
  /// `plan` and `mount_namespace` are its order, which waits for it in the socket.
  Helper(int executable, std::string verb, int plan, int mount_namespace) {
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) throw failed("create a socket pair", errno);
    socket_.reset(pair[0]);
    const UniqueFd theirs(pair[1]);
    send_order(socket_.get(), {plan, mount_namespace});
    static const SpawnAttributes attributes;
    SpawnActions actions;
    ::posix_spawn_file_actions_adddup2(actions.get(), theirs.get(), 3);
    std::string path = "/proc/self/fd/" + std::to_string(executable), name = "gantry-shim";
    char* arguments[] = {name.data(), verb.data(), nullptr};
    char* environment[] = {nullptr};
    if (const int err = ::posix_spawn(&pid_, path.c_str(), actions.get(), attributes.get(), arguments, environment))
      throw failed("start gantry-shim", err);
  }
  ~Helper() {
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  Helper(const Helper&) = delete;
  Helper& operator=(const Helper&) = delete;

  InitReport wait(const Call& call) {
    const std::int64_t own = monotonic_ns() + patience_ns;
    const std::int64_t end = call.deadline_ns() ? std::min(call.deadline_ns(), own) : own;
    pollfd waits[2] = {{socket_.get(), POLLIN, 0}, {call.cancel_fd(), POLLIN, 0}};
    while (!waits[0].revents) {
      const std::int64_t left = end - monotonic_ns();
      if (left <= 0) throw Error(Code::deadline_exceeded, "a file system on the way does not answer");
      if (::poll(waits, waits[1].fd >= 0 ? 2 : 1, static_cast<int>(left / 1'000'000 + 1)) < 0 && errno != EINTR)
        throw failed("wait for gantry-shim", errno);
      if (call.cancelled()) throw Error(Code::cancelled, "cancelled");
    }
    InitReport report;
    constexpr auto head = static_cast<ssize_t>(sizeof report - sizeof report.text);
    if (::recv(socket_.get(), &report, sizeof report, 0) < head) throw Error(Code::internal, "gantry-shim ended unexpectedly");
    report.text[sizeof report.text - 1] = '\0';
    return report;
  }

 private:
  UniqueFd socket_;
  pid_t pid_ = -1;
};

void change(Call& call, int executable, const char* verb, const PlanMount& mount, PlanWriter& plan, const UniqueFd& space) {
  plan.head().mounts = plan.array<PlanMount>({mount});
  const std::vector<char>& bytes = plan.finish();
  const UniqueFd file = memory_file("plan", bytes.data(), bytes.size());
  Helper helper(executable, verb, file.get(), space.get());
  const InitReport report = helper.wait(call);
  if (report.kind == InitMessage::ready) return;
  const bool missing = report.reason == ControlReason::file_not_found;
  throw Error(missing ? Code::not_found : Code::invalid, report.text, report.os_errno);
}

void check_target(const std::string& target) {
  if (!target.starts_with('/')) throw Error(Code::invalid, "mount destination \"" + target + "\" is not absolute");
}

} // namespace

UniqueFd LinuxDriver::mount_namespace(Call& call, const std::string& id) {
  const ContainerState state = state_of(id);
  UniqueFd space(::open(("/proc/" + std::to_string(state.pid) + "/ns/mnt").c_str(), O_RDONLY | O_CLOEXEC));
  const int err = errno;
  // Asked afterwards: while it runs nobody else has its pid.
  const ShimReply reply = request(call, id, request_for(ControlOp::status));
  if (reply.result != ControlResult::ok || reply.state != ControlState::running)
    throw Error(Code::forbidden_state, "container " + id + " is not running");
  if (!space) throw failed("open the container's mount namespace", err);
  return space;
}

void LinuxDriver::mount(Call& call, const std::string& id, const Mount& mount) {
  check_target(mount.target);
  PlanWriter plan;
  const PlanMount compiled = compile_rootfs(plan, {mount}).front();
  if (compiled.kind != MountKind::bind) throw Error(Code::invalid, "only binds can be mounted into a running container");
  change(call, shim_.get(), "mount", compiled, plan, mount_namespace(call, id));
}

void LinuxDriver::unmount(Call& call, const std::string& id, const std::string& target) {
  check_target(target);
  PlanWriter plan;
  PlanMount place;
  place.target = plan.string(target);
  change(call, shim_.get(), "unmount", place, plan, mount_namespace(call, id));
}

} // namespace gantry::runtime_linux
