#include "init/launch.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "init/hooks.hpp"
#include "init/identity.hpp"
#include "init/privileges.hpp"
#include "init/report.hpp"

namespace gantry::runtime_linux::init {
namespace {

/// NULL-terminated copy of a list of strings with room for one more.
char** make_vector(const PlanView& plan, Slice list) {
  const auto strings = plan.strings(list);
  char** vector = static_cast<char**>(std::calloc(strings.count + 2, sizeof(char*)));
  if (!vector) fail(ENOMEM, "prepare the program's arguments");
  for (std::uint32_t i = 0; i < strings.count; ++i) vector[i] = const_cast<char*>(plan.string(strings[i]));
  return vector;
}

const char* variable(char** env, const char* name) {
  const std::size_t size = std::strlen(name);
  for (; *env; ++env)
    if (!std::strncmp(*env, name, size) && (*env)[size] == '=') return *env + size + 1;
  return nullptr;
}

void add_home(char** env, const Identity& identity) {
  if (variable(env, "HOME")) return;
  static char home[sizeof identity.home + 8];
  std::snprintf(home, sizeof home, "HOME=%s", identity.home);
  while (*env) ++env;
  *env = home;
}

/// 0, or why the file cannot be executed.
int executable_error(const char* path) {
  struct stat info {};
  if (::stat(path, &info) < 0) return errno;
  if (S_ISDIR(info.st_mode)) return EISDIR;
  return ::faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0 ? EACCES : 0;
}

bool find_in_path(const char* name, const char* path, char* found, std::size_t size) {
  for (const char* p = path;; ++p) {
    const std::size_t n = std::strcspn(p, ":");
    const int written =
        n ? std::snprintf(found, size, "%.*s/%s", static_cast<int>(n), p, name) : std::snprintf(found, size, "./%s", name);
    if (written > 0 && static_cast<std::size_t>(written) < size && executable_error(found) == 0) return true;
    p += n;
    if (!*p) return false;
  }
}

void find_program(const char* name, const char* path, char* found, std::size_t size) {
  if (!*name) fail_because(ControlReason::command_not_found, 0, "exec: \"\": executable file not found in $PATH");
  if (!std::strchr(name, '/')) {
    if (path && find_in_path(name, path, found, size)) return;
    fail_because(ControlReason::command_not_found, 0, "exec: \"%s\": executable file not found in $PATH", name);
  }
  const int err = executable_error(name);
  if (err == ENOENT || err == ENOTDIR) fail_because(ControlReason::command_not_found, err, "exec: \"%s\": stat %s", name, name);
  if (err) fail_because(ControlReason::command_not_executable, err, "exec: \"%s\"", name);
  std::snprintf(found, size, "%s", name);
}

/// The working directory is made when the image does not have it, as Docker does.
void make_directories(char* path) {
  for (char* p = path + 1; *p; ++p) {
    if (*p != '/') continue;
    *p = '\0';
    ::mkdir(path, 0755);
    *p = '/';
  }
  ::mkdir(path, 0755);
}

void make_working_directory(const char* cwd) {
  char path[PATH_MAX];
  struct stat info {};
  if (*cwd != '/' || ::stat(cwd, &info) == 0 || std::strlen(cwd) >= sizeof path) return;
  std::snprintf(path, sizeof path, "%s", cwd);
  make_directories(path);
}

/// The socket is close-on-exec and ends with it.
void close_all_but_report() {
  const auto report = static_cast<unsigned>(report_socket());
  if (report > 3) ::close_range(3, report - 1, 0);
  ::close_range(report + 1, ~0U, 0);
}

/// The kernel spells a directory that is not below this process's root "(unreachable)/…".
void check_inside_root(const char* cwd) {
  char path[PATH_MAX] = "";
  if (::syscall(SYS_getcwd, path, sizeof path) < 0 && errno == ERANGE) return; // deeper than PATH_MAX, so below the root
  if (path[0] != '/') fail(0, "the working directory \"%s\" is outside of the container's root", cwd);
}

/// So that a program without root's rights can open /dev/stdout again. The host's /dev/null stays root's.
void give_stdio_to(uid_t uid) {
  for (int fd = 0; fd < 3; ++fd) {
    struct stat info {};
    if (::fstat(fd, &info) < 0 || info.st_uid == uid || (S_ISCHR(info.st_mode) && !::isatty(fd))) continue;
    (void)!::fchown(fd, uid, info.st_gid);
  }
}

/// The kernel gives ENOENT for a script whose interpreter is missing.
[[noreturn]] void report_exec_error(const char* program, int err) {
  const bool missing = err == ENOENT || err == ENOTDIR;
  fail_because(missing ? ControlReason::command_not_found : ControlReason::command_not_executable, err, "exec %s", program);
}

} // namespace

void launch(const PlanView& plan, const PlanView& container) {
  const PlanProcess& process = plan->process;
  static Identity identity;
  resolve_identity(plan, identity);
  char** env = make_vector(plan, process.env);
  char** args = make_vector(plan, process.args);
  add_home(env, identity);
  if (!args[0]) fail_because(ControlReason::command_not_found, 0, "the container has no command");
  const char* cwd = plan.string(process.cwd);
  if (!*cwd) cwd = "/";
  // Made for the container; a program that joins it has to name one that is there, as in runc.
  if (&plan == &container) make_working_directory(cwd);

  give_stdio_to(identity.uid);
  set_rlimits(plan);
  set_exec_labels(plan);
  close_all_but_report();
  // A filter without no_new_privs needs CAP_SYS_ADMIN, which goes away with the identity.
  if (!process.no_new_privileges) install_seccomp(container);
  // Docker enters the directory as root when the user may not: both ways are tried, the user's rights count at last.
  const bool entered = ::chdir(cwd) == 0;
  take_identity(process, identity);
  if (!entered && ::chdir(cwd) < 0) fail(errno, "chdir to cwd (\"%s\") set in config.json failed", cwd);
  check_inside_root(cwd);
  char program[PATH_MAX];
  find_program(args[0], variable(env, "PATH"), program, sizeof program);
  // Nobody outlives the shim unwatched: its death ends the program.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  ::umask(process.umask);
  if (process.no_new_privileges) {
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) fail(errno, "set no_new_privs");
    install_seccomp(container);
  }
  if (&plan == &container) run_hooks(plan, plan->start_container, "startContainer");
  ::execve(program, args, env);
  report_exec_error(args[0], errno);
}

} // namespace gantry::runtime_linux::init
