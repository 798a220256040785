#include "init/runtime_command.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "init/id_maps.hpp"
#include "init/identity.hpp"
#include "init/mapped_trees.hpp"
#include "init/mounts.hpp"
#include "init/process_reset.hpp"
#include "init/report.hpp"

namespace gantry::runtime_linux::init {
namespace {

constexpr int max_arguments = 128;

/// argv of the runtime.
class Arguments {
 public:
  Arguments(const PlanView& container, const RuntimeFiles& files) : container_(container) {
    add(container.string(container->runtime.path));
    for (const Slice each : container.strings(container->runtime.arguments)) add(container.string(each));
    add("--root");
    add_path("runtime");
    add("--log");
    add_path(files.log);
    add("--log-format");
    add("json");
  }
  void add(const char* text) {
    if (count_ + 1 >= max_arguments) fail(E2BIG, "arguments of the OCI runtime");
    items_[count_++] = const_cast<char*>(text);
  }
  void add_path(const char* name) {
    char path[PATH_MAX];
    std::snprintf(path, sizeof path, "%s/%s", container_.string(container_->runtime.bundle), name);
    char* copy = ::strdup(path);
    if (!copy) fail(ENOMEM, "arguments of the OCI runtime");
    add(copy);
  }
  char** get() { return items_; }

 private:
  const PlanView& container_;
  char* items_[max_arguments] = {};
  int count_ = 0;
};

/// Looks names up in another root. The caller's own root comes back afterwards, for which this process is privileged.
void resolve_in_root(int root, const PlanView& plan, Identity& identity) {
  const int own = ::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (own < 0 || root < 0 || ::fchdir(root) < 0 || ::chroot(".") < 0) fail(errno, "enter the root filesystem");
  resolve_identity(plan, identity);
  if (::fchdir(own) < 0 || ::chroot(".") < 0) fail(errno, "leave the root filesystem");
  ::close(own);
}

void write_all(int fd, const char* text, std::size_t size) {
  while (size) {
    const ssize_t n = ::write(fd, text, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(errno, "write the configuration for the OCI runtime");
    text += n;
    size -= static_cast<std::size_t>(n);
  }
}

void write_identity(int fd, const PlanProcess& process, const Identity& identity) {
  char text[128];
  int size = std::snprintf(text, sizeof text, "{\"uid\":%u,\"gid\":%u,\"umask\":%u,\"additionalGids\":[", identity.uid,
                           identity.gid, process.umask);
  write_all(fd, text, static_cast<std::size_t>(size));
  for (int i = 0; i < identity.group_count; ++i) {
    size = std::snprintf(text, sizeof text, "%s%u", i ? "," : "", identity.groups[i]);
    write_all(fd, text, static_cast<std::size_t>(size));
  }
  write_all(fd, "]}", 2);
}

/// In the bundle, which is the working directory.
void write_config(const PlanView& plan, const char* name, const Identity& identity) {
  const int fd = ::open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) fail(errno, "create %s for the OCI runtime", name);
  write_all(fd, plan.string(plan->runtime.before_user), plan->runtime.before_user.count);
  write_identity(fd, plan->process, identity);
  write_all(fd, plan.string(plan->runtime.after_user), plan->runtime.after_user.count);
  ::close(fd);
}

/// The runtime would show the host's owners: it finds mapped trees in the bundle. The root filesystem is taken when it is
/// assembled.
void attach_mapped_binds(const PlanView& plan) {
  const int mapping = open_id_mapping(plan);
  prepare_trees(plan, mapping);
  ::close(mapping);
  const int root = ::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) fail(errno, "open the host's root");
  perform_mounts(plan, root, 0, plan->mounts.count);
  ::close(root);
}

void enter_bundle(const PlanView& container) {
  if (::chdir(container.string(container->runtime.bundle)) < 0) fail(errno, "enter the bundle");
}

/// The program inherits what the runtime has; with a terminal it gets that instead.
void connect_stdio(const PlanView& plan, const Inherited& inherited) {
  if (!plan->process.stdio.tty) use_pipes(inherited);
}

[[noreturn]] void become(const PlanView& container, const RuntimeFiles& files, char** arguments) {
  // The runtime runs with the engine's rights and as root expects it.
  char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  char* environment[] = {path, nullptr};
  ::execve(arguments[0], arguments, environment);
  const int err = errno;
  const bool missing = err == ENOENT || err == ENOTDIR;
  fail_because(missing ? ControlReason::command_not_found : ControlReason::command_not_executable, err,
               "unable to retrieve OCI runtime error (open %s/%s: no such file or directory): fork/exec %s",
               container.string(container->runtime.bundle), files.log, arguments[0]);
}

} // namespace

RuntimeFiles::RuntimeFiles(const char* suffix) {
  const bool exec = *suffix != '\0';
  std::snprintf(config, sizeof config, exec ? "process%s.json" : "config%s.json", suffix);
  std::snprintf(pid, sizeof pid, "pid%s", suffix);
  std::snprintf(log, sizeof log, "log%s.json", suffix);
  std::snprintf(console, sizeof console, "tty%s", suffix);
}

void run_runtime_create(const PlanView& plan, const RuntimeFiles& files, const Inherited& inherited) {
  set_report_socket(inherited.report);
  close_inherited(inherited);
  reset_signals();
  if (has_id_maps(plan)) attach_mapped_binds(plan);
  const int root = assemble_root(plan);
  Identity identity;
  resolve_in_root(root, plan, identity);
  enter_bundle(plan);
  write_config(plan, files.config, identity);
  connect_stdio(plan, inherited);
  Arguments arguments(plan, files);
  arguments.add("create");
  arguments.add("--bundle");
  arguments.add(plan.string(plan->runtime.bundle));
  arguments.add("--pid-file");
  arguments.add_path(files.pid);
  if (plan->process.stdio.tty) {
    // Relative, since the whole path may not fit into a socket's address.
    arguments.add("--console-socket");
    arguments.add(files.console);
  }
  arguments.add(plan.string(plan->id));
  become(plan, files, arguments.get());
}

void run_runtime_exec(const PlanView& plan, const PlanView& container, int container_pid, const RuntimeFiles& files,
                      const Inherited& inherited) {
  set_report_socket(inherited.report);
  close_inherited(inherited);
  reset_signals();
  char path[64];
  std::snprintf(path, sizeof path, "/proc/%d/root", container_pid);
  Identity identity;
  resolve_in_root(::open(path, O_PATH | O_DIRECTORY | O_CLOEXEC), plan, identity);
  enter_bundle(container);
  write_config(plan, files.config, identity);
  connect_stdio(plan, inherited);
  Arguments arguments(container, files);
  arguments.add("exec");
  arguments.add("--detach");
  arguments.add("--process");
  arguments.add_path(files.config);
  arguments.add("--pid-file");
  arguments.add_path(files.pid);
  if (plan->process.stdio.tty) {
    arguments.add("--console-socket");
    arguments.add(files.console);
  }
  arguments.add(container.string(container->id));
  become(container, files, arguments.get());
}

void run_runtime_command(const PlanView& container, const char* command, const char* option, const RuntimeFiles& files,
                         int report) {
  set_report_socket(report);
  Inherited inherited;
  inherited.report = report;
  close_inherited(inherited);
  reset_signals();
  enter_bundle(container);
  Arguments arguments(container, files);
  arguments.add(command);
  if (option) arguments.add(option);
  arguments.add(container.string(container->id));
  become(container, files, arguments.get());
}

} // namespace gantry::runtime_linux::init
