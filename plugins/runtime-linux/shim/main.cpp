// gantry-shim: one per container. It is started with its control connection as descriptor 3 and gets everything else
// over that. With an argument it is a helper of the driver instead (init/live_mount.hpp), of a moment.
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

#include "init/live_mount.hpp"
#include "shim/shim.hpp"

namespace gantry::runtime_linux::shim {
namespace {

constexpr int control_fd = 3;

/// Children have ended.
class Children final : public Handler {
 public:
  Children(Loop& loop, Shim& shim, UniqueFd fd) : Handler(loop), shim_(shim) { open(static_cast<UniqueFd&&>(fd), EPOLLIN); }
  void on_event(std::uint32_t) override {
    signalfd_siginfo info[8];
    (void)!::read(fd(), info, sizeof info);
    shim_.reap();
  }

 private:
  Shim& shim_;
};

void ignore_signals() {
  // Whoever wants this shim gone has SIGKILL; a terminal's or a service manager's broadcast must not end containers.
  for (const int signo : {SIGPIPE, SIGHUP, SIGINT, SIGQUIT, SIGTERM}) ::signal(signo, SIG_IGN);
}

UniqueFd child_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGCHLD);
  ::sigprocmask(SIG_SETMASK, &set, nullptr);
  return UniqueFd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

void leave_the_callers_world() {
  ::setsid();
  ::prctl(PR_SET_NAME, "gantry-shim");
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  // Init is a copy of this process: what it holds is not for the container's processes to look at.
  ::prctl(PR_SET_DUMPABLE, 0);
  (void)!::chdir("/");
  ::umask(022);
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd < 3; ++fd) ::dup2(null, fd);
  ::close(null);
  ::fcntl(control_fd, F_SETFD, FD_CLOEXEC);
  ::close_range(control_fd + 1, ~0U, 0);
}

int serve(void*) {
  leave_the_callers_world();
  ignore_signals();
  Loop loop;
  Shim shim(loop);
  new Children(loop, shim, child_signals());
  new Connection(loop, shim, UniqueFd(control_fd));
  loop.run([](void* self) { static_cast<Shim*>(self)->before_wait(); }, &shim);
  shim.clean_up();
  return 0;
}

} // namespace
} // namespace gantry::runtime_linux::shim

int main(int count, char** arguments) {
  using gantry::runtime_linux::init::LiveMount;
  if (count > 1)
    gantry::runtime_linux::init::change_live_mounts(
        gantry::runtime_linux::shim::control_fd, std::strcmp(arguments[1], "mount") == 0 ? LiveMount::mount : LiveMount::unmount);
  // The caller waits for this first process only. It leaves its memory to the shim proper instead of having it copied.
  alignas(16) static char stack[256 * 1024];
  const int pid = ::clone(gantry::runtime_linux::shim::serve, stack + sizeof stack, CLONE_VM | SIGCHLD, nullptr);
  ::_exit(pid < 0 ? 1 : 0);
}
