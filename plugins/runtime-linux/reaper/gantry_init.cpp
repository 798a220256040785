// gantry-init: pid 1 of a container that was created with --init. Runs its arguments as a child, passes signals on,
// reaps whatever the kernel gives it, and ends as the child did.
//
// With --env DIRECTORY it is no init: every file in the directory becomes a variable, and the program replaces it. That is how a
// build gives secrets to a step, which are in no configuration of a container then.
#include <dirent.h>
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

/// The whole file as the value of a variable, or the end of this process.
void set_variable(const char* directory, const char* name) {
  static char path[4096], value[(1 << 20) + 1];
  std::snprintf(path, sizeof path, "%s/%s", directory, name);
  std::FILE* file = std::fopen(path, "re");
  const std::size_t size = file != nullptr ? std::fread(value, 1, sizeof value - 1, file) : 0;
  if (file == nullptr || std::ferror(file) != 0) {
    std::fprintf(stderr, "[gantry-init] read %s: %s\n", name, std::strerror(errno));
    ::_exit(125);
  }
  std::fclose(file);
  value[size] = '\0';
  ::setenv(name, value, 1);
  ::explicit_bzero(value, sizeof value);
}

[[noreturn]] void run_with_variables(const char* directory, char** argv) {
  DIR* files = ::opendir(directory);
  if (files == nullptr) {
    std::fprintf(stderr, "[gantry-init] open %s: %s\n", directory, std::strerror(errno));
    ::_exit(125);
  }
  while (const dirent* file = ::readdir(files))
    if (std::strcmp(file->d_name, ".") != 0 && std::strcmp(file->d_name, "..") != 0) set_variable(directory, file->d_name);
  ::closedir(files);
  ::execvp(argv[0], argv);
  if (errno == ENOENT)
    std::fprintf(stderr, "exec: \"%s\": executable file not found in $PATH\n", argv[0]);
  else
    std::fprintf(stderr, "exec: \"%s\": %s\n", argv[0], std::strerror(errno));
  ::_exit(errno == ENOENT ? 127 : 126);
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
  const char* variables = nullptr;
  if (argc > 2 && !std::strcmp(argv[first], "--env")) {
    variables = argv[first + 1];
    first += 2;
  }
  if (first < argc && !std::strcmp(argv[first], "--")) ++first;
  if (first >= argc) {
    std::fprintf(stderr, "usage: gantry-init [--env DIRECTORY] [--] PROGRAM [ARG...]\n");
    return 2;
  }
  if (variables != nullptr) run_with_variables(variables, argv + first);
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
