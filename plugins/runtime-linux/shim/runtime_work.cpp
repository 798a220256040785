// How an external OCI runtime makes the container's processes: as a child of the shim runs "RUNTIME create" (or exec), the
// program's process is orphaned when that ends and becomes the shim's own child. The other verbs of Process are in
// process.cpp, native processes in spawn.cpp.
#include "shim/runtime_work.hpp"

#include <fcntl.h>
#include <linux/sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "plan/exec_file_name.hpp"
#include "shim/console_socket.hpp"
#include "shim/init_socket.hpp"
#include "shim/process.hpp"
#include "shim/runtime_error.hpp"
#include "shim/streams.hpp"

namespace gantry::runtime_linux::shim {
namespace {

InitReport complaint(const char* text) {
  InitReport report;
  std::snprintf(report.text, sizeof report.text, "%s", text);
  return report;
}

int read_pid(int bundle, const char* name) {
  char text[32] = {};
  const UniqueFd file(::openat(bundle, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file || ::read(file.get(), text, sizeof text - 1) <= 0) return 0;
  const long pid = std::strtol(text, nullptr, 10);
  return pid > 1 && pid <= 1 << 22 ? static_cast<int>(pid) : 0;
}

void remove_files(const RuntimeWork& work, bool exec) {
  ::unlinkat(work.bundle, work.files.pid, 0);
  ::unlinkat(work.bundle, work.files.log, 0);
  ::unlinkat(work.bundle, work.files.console, 0);
  if (exec) ::unlinkat(work.bundle, work.files.config, 0);
}

} // namespace

int clone_command(UniqueFd& mine, UniqueFd& report) {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) return -1;
  mine.reset(pair[0]);
  report.reset(pair[1]);
  clone_args args{};
  args.exit_signal = SIGCHLD;
  return static_cast<int>(::syscall(SYS_clone3, &args, sizeof args));
}

int Process::spawn_by_runtime(const PlanView& container_plan, int container_pid, int bundle) {
  char suffix[24] = "";
  const bool exec = container_pid != 0;
  if (exec) std::snprintf(suffix, sizeof suffix, "-%016llx", static_cast<unsigned long long>(name_hash(id())));
  runtime_.reset(new RuntimeWork(bundle, suffix));
  RuntimeWork& work = *runtime_;
  ChildEnds ends;
  if (const int err = open_pipes(ends)) return err;
  balance();
  if (tty()) {
    work.console = new ConsoleSocket(loop_, *this, bundle, work.files.console);
    if (!work.console->is_open()) return errno ? errno : EIO;
  }
  UniqueFd mine;
  const int pid = clone_command(mine, ends.report);
  if (pid < 0) return errno;
  if (pid == 0) {
    const init::Inherited inherited{ends.report.get(), ends.in.get(), ends.out.get(), ends.err.get(), -1, false};
    if (!exec) init::run_runtime_create(plan_, work.files, inherited);
    init::run_runtime_exec(plan_, container_plan, container_pid, work.files, inherited);
  }
  work.running = exec ? RuntimeWork::Command::exec : RuntimeWork::Command::create;
  work.pid = pid;
  init_ = new InitSocket(loop_, *this, static_cast<UniqueFd&&>(mine));
  return 0;
}

int Process::start_by_runtime() {
  UniqueFd mine, report;
  const int pid = clone_command(mine, report);
  if (pid < 0) return errno;
  if (pid == 0) init::run_runtime_command(plan_, "start", nullptr, runtime_->files, report.get());
  runtime_->running = RuntimeWork::Command::start;
  runtime_->pid = pid;
  if (init_) loop_.dispose(init_);
  init_ = new InitSocket(loop_, *this, static_cast<UniqueFd&&>(mine));
  return 0;
}

int Process::command() const { return runtime_ ? runtime_->pid : 0; }

bool Process::is_muted() const { return runtime_ && runtime_->muted; }

/// Anything but null: why the process cannot be used.
const char* Process::adopt_from_runtime() {
  RuntimeWork& work = *runtime_;
  if (work.console) {
    work.console->receive();
    loop_.dispose(work.console);
    work.console = nullptr;
  }
  pid_ = read_pid(work.bundle, work.files.pid);
  if (!pid_) return "the OCI runtime wrote no pid file";
  // A zombie has its pid until it is reaped, which waits for this moment.
  pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  if (!pidfd_) return "the process that the OCI runtime made does not exist";
  return tty() && !outputs_[0] ? "the OCI runtime delivered no terminal" : nullptr;
}

void Process::on_command_exit(int wait_status) {
  RuntimeWork& work = *runtime_;
  const RuntimeWork::Command command = work.running;
  work.running = RuntimeWork::Command::none;
  work.pid = 0;
  if (wait_status != 0) {
    const InitReport report = runtime_error(work.bundle, work.files.log, outputs_[1] ? outputs_[1]->fd() : -1, wait_status);
    remove_files(work, command == RuntimeWork::Command::exec);
    return owner_.on_launch_failed(*this, report);
  }
  const char* problem = command == RuntimeWork::Command::start ? nullptr : adopt_from_runtime();
  remove_files(work, command == RuntimeWork::Command::exec);
  if (problem) return owner_.on_launch_failed(*this, complaint(problem));
  if (command == RuntimeWork::Command::create) {
    for (Output* output : outputs_)
      if (output) output->discard();
    return owner_.on_created(*this);
  }
  work.muted = false;
  state_ = ControlState::running;
  balance();
  owner_.on_launched(*this);
}

} // namespace gantry::runtime_linux::shim
