#include "init/hooks.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "init/report.hpp"

namespace gantry::runtime_linux::init {
namespace {

char host_pid[16] = "0";

struct Pipes {
  int in[2], err[2];
};

[[noreturn]] void become(const PlanView& plan, const PlanHook& hook, const Pipes& pipes) {
  ::dup2(pipes.in[0], 0);
  ::dup2(pipes.err[1], 1);
  ::dup2(pipes.err[1], 2);
  const auto vector = [&plan](Slice list) {
    const auto strings = plan.strings(list);
    auto** items = static_cast<char**>(std::calloc(strings.count + 1, sizeof(char*)));
    for (std::uint32_t i = 0; items && i < strings.count; ++i) items[i] = const_cast<char*>(plan.string(strings[i]));
    return items;
  };
  const char* path = plan.string(hook.path);
  ::execve(path, vector(hook.args), vector(hook.env));
  std::fprintf(stderr, "exec %s: %s", path, std::strerror(errno));
  std::fflush(stderr);
  ::_exit(127);
}

/// Fits into the pipe, or the hook does not read it: either is fine.
void write_state(const PlanView& plan, int fd) {
  ::fcntl(fd, F_SETFL, O_NONBLOCK);
  (void)!::write(fd, plan.string(plan->state_before), plan->state_before.count);
  (void)!::write(fd, host_pid, std::strlen(host_pid));
  (void)!::write(fd, plan.string(plan->state_after), plan->state_after.count);
  ::close(fd);
}

/// What the hook says, for the error; reading it also keeps the hook from blocking. False when the time is up.
bool listen(int fd, char* text, std::size_t size, int pidfd, std::uint32_t timeout_s) {
  timespec begin{};
  ::clock_gettime(CLOCK_MONOTONIC, &begin);
  std::size_t used = 0;
  pollfd waits[2] = {{fd, POLLIN, 0}, {pidfd, POLLIN, 0}};
  while (true) {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const long left_ms = static_cast<long>(timeout_s) * 1000 - (now.tv_sec - begin.tv_sec) * 1000;
    if (timeout_s && left_ms <= 0) return false;
    if (::poll(waits, 2, timeout_s ? static_cast<int>(left_ms) : -1) < 0 && errno != EINTR) return true;
    if (waits[0].revents) {
      char bytes[512];
      const ssize_t n = ::read(fd, bytes, sizeof bytes);
      if (n <= 0) waits[0].fd = -1;
      const std::size_t room = size - 1 - used;
      const std::size_t kept = n <= 0 ? 0 : static_cast<std::size_t>(n) < room ? static_cast<std::size_t>(n) : room;
      std::memcpy(text + used, bytes, kept);
      used += kept;
      text[used] = '\0';
      continue;
    }
    if (waits[1].revents) return true;
  }
}

void run_hook(const PlanView& plan, const PlanHook& hook, const char* stage, int number) {
  Pipes pipes{};
  if (::pipe2(pipes.in, O_CLOEXEC) < 0 || ::pipe2(pipes.err, O_CLOEXEC) < 0) fail(errno, "run %s hook #%d", stage, number);
  const pid_t pid = ::fork();
  if (pid < 0) fail(errno, "run %s hook #%d", stage, number);
  if (pid == 0) become(plan, hook, pipes);
  ::close(pipes.in[0]);
  ::close(pipes.err[1]);
  write_state(plan, pipes.in[1]);
  char said[512] = "";
  const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  const bool in_time = listen(pipes.err[0], said, sizeof said, pidfd, hook.timeout_s);
  if (!in_time) ::kill(pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  ::close(pipes.err[0]);
  ::close(pidfd);
  if (!in_time)
    fail(0, "error running %s hook #%d: %s ran past its timeout of %us", stage, number, plan.string(hook.path), hook.timeout_s);
  if (status == 0) return;
  if (WIFSIGNALED(status))
    fail(0, "error running %s hook #%d: signal: %s, output: %s", stage, number, strsignal(WTERMSIG(status)), said);
  fail(0, "error running %s hook #%d: exit status %d, output: %s", stage, number, WEXITSTATUS(status), said);
}

} // namespace

void note_host_pid() {
  const ssize_t n = ::readlink("/proc/self", host_pid, sizeof host_pid - 1);
  if (n > 0) host_pid[n] = '\0';
}

void run_hooks(const PlanView& plan, Slice hooks, const char* stage) {
  int number = 0;
  for (const PlanHook& hook : plan.array<PlanHook>(hooks)) run_hook(plan, hook, stage, number++);
}

} // namespace gantry::runtime_linux::init
