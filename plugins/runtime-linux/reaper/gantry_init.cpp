// gantry-init: pid 1 of a container that was created with --init. Runs its arguments as a child, passes signals on,
// reaps whatever the kernel gives it, and ends as the child did.
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

namespace {

/// Signals that tell about this process itself are not for the child.
void block_forwarded(sigset_t& set) {
  ::sigfillset(&set);
  for (const int signo : {SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGABRT, SIGTRAP, SIGSYS, SIGTTIN, SIGTTOU}) ::sigdelset(&set, signo);
  ::sigprocmask(SIG_SETMASK, &set, nullptr);
}

[[noreturn]] void run_child(char** argv, const sigset_t& previous) {
  // A process group of its own that owns the terminal, so that ^C reaches the program and what it started.
  ::setpgid(0, 0);
  ::signal(SIGTTOU, SIG_IGN);
  ::tcsetpgrp(0, ::getpgrp());
  ::signal(SIGTTOU, SIG_DFL);
  ::sigprocmask(SIG_SETMASK, &previous, nullptr);
  ::execvp(argv[0], argv);
  const int code = errno == ENOENT ? 127 : 126;
  std::fprintf(stderr, "[gantry-init] exec %s: %s\n", argv[0], std::strerror(errno));
  ::_exit(code);
}

/// Reaps everything there is; ends this process when `child` was among it.
void reap(pid_t child) {
  int status = 0;
  for (pid_t pid; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;)
    if (pid == child) std::exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

} // namespace

int main(int argc, char** argv) {
  int first = 1;
  if (first < argc && !std::strcmp(argv[first], "--")) ++first;
  if (first >= argc) {
    std::fprintf(stderr, "usage: gantry-init [--] PROGRAM [ARG...]\n");
    return 2;
  }
  sigset_t previous, forwarded;
  ::sigprocmask(SIG_SETMASK, nullptr, &previous);
  block_forwarded(forwarded);
  const pid_t child = ::fork();
  if (child < 0) {
    std::perror("[gantry-init] fork");
    return 1;
  }
  if (child == 0) run_child(argv + first, previous);
  while (true) {
    siginfo_t info{};
    const int signo = ::sigwaitinfo(&forwarded, &info);
    if (signo == SIGCHLD)
      reap(child);
    else if (signo > 0)
      ::kill(child, signo);
  }
}
