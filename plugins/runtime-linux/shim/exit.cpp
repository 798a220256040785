// The end of processes: reaping, the exit file, and the shim's own end. The requests are in shim.cpp.
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "plan/exec_file_name.hpp"
#include "shim/runtime_work.hpp"
#include "shim/shim.hpp"

namespace gantry::runtime_linux::shim {
namespace {

/// Exec statuses stay readable this long: Docker's clients poll for them after the stream has closed.
constexpr std::int64_t exit_file_lifetime_ns = 360'000'000'000;

constexpr int delete_timeout_ms = 8'000;

std::int64_t wall_clock() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

ssize_t read_small_file(const char* path, char* text, std::size_t size) {
  const UniqueFd fd(::open(path, O_RDONLY | O_CLOEXEC));
  const ssize_t n = fd ? ::read(fd.get(), text, size - 1) : -1;
  text[n > 0 ? n : 0] = '\0';
  return n;
}

void kill_listed(const char* directory) {
  char path[512], pids[4096];
  std::snprintf(path, sizeof path, "%s/cgroup.procs", directory);
  if (read_small_file(path, pids, sizeof pids) <= 0) return;
  for (char* p = pids; *p;) {
    const long pid = std::strtol(p, &p, 10);
    if (pid > 1) ::kill(static_cast<pid_t>(pid), SIGKILL);
    while (*p == '\n') ++p;
  }
}

} // namespace

/// A process that an external runtime is making is not known before that has ended, though it may be dead by then: as long
/// as commands are at work, only what is known is reaped.
pid_t Shim::next_dead(int* status) {
  std::vector<Process*> all(execs_);
  if (container_) all.push_back(container_.get());
  bool commands = false;
  for (const Process* each : all) commands |= each->command() != 0;
  if (!commands) return ::waitpid(-1, status, WNOHANG);
  for (const Process* each : all) {
    const int pid = each->command() ? each->command() : each->pid();
    if (pid && ::waitpid(pid, status, WNOHANG) == pid) return pid;
  }
  return 0;
}

void Shim::reap() {
  int status = 0;
  for (pid_t pid; (pid = next_dead(&status)) > 0;) {
    // The launch may end in the same round of events as the process: its report comes first, and may be its end.
    if (Process* process = find_pid(pid)) process->hear_init();
    Process* process = find_pid(pid);
    if (!process || (process == container_.get() && failed_)) continue;
    if (process->command() == pid) {
      process->on_command_exit(status);
      continue;
    }
    process->finish(status);
    announce_exit(*process);
  }
}

/// Durable first, then told.
void Shim::announce_exit(Process& process) {
  const bool container = &process == container_.get();
  if (container) {
    process.set_oom_killed(was_oom_killed());
    kill_rest();
  }
  write_exit_file(process);
  for (Connection* each : process.watching) loop_.dispose(each);
  process.watching.clear();
  if (process.idle()) return on_idle(process);
  process.finish_clients();
}

bool Shim::was_oom_killed() const {
  const char* path = container_->plan().string(container_->plan()->oom_events);
  char text[512];
  if (!*path || read_small_file(path, text, sizeof text) <= 0) return false;
  const char* count = std::strstr(text, "oom_kill ");
  return count && std::strtol(count + 9, nullptr, 10) > 0;
}

/// The kernel ends everything in a pid namespace with its init; in a shared one that is our task.
void Shim::kill_rest() {
  const PlanView& plan = container_->plan();
  if (plan->namespaces & CLONE_NEWPID) return;
  char path[512];
  std::snprintf(path, sizeof path, "%s/cgroup.kill", plan.string(plan->cgroup_v2));
  const UniqueFd fd(plan->cgroup_v2.count ? ::open(path, O_WRONLY | O_CLOEXEC) : -1);
  if (fd && ::write(fd.get(), "1", 1) == 1) return;
  const auto groups = plan.strings(plan->cgroup_v1);
  if (!groups.empty()) kill_listed(plan.string(groups[0]));
}

void Shim::write_exit_file(const Process& process) {
  ExitFile file{};
  const bool container = &process == container_.get();
  if (container)
    std::snprintf(file.name, sizeof file.name, "%s", exit_file_name);
  else
    exec_file_name(process.id(), file.name, sizeof file.name);
  const ExitStatus& exit = process.exit_status();
  char text[128];
  const int size = std::snprintf(text, sizeof text, "gantry-exit 1 %d %d %d %lld\n", exit.code, exit.signal,
                                 exit.oom_killed ? 1 : 0, static_cast<long long>(exit.time_ns));
  const UniqueFd fd(::openat(run_dir_.get(), "exit.tmp", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd || ::write(fd.get(), text, static_cast<std::size_t>(size)) != size) return;
  ::renameat(run_dir_.get(), "exit.tmp", run_dir_.get(), file.name);
  if (container) return;
  file.time_ns = exit.time_ns;
  exit_files_.push_back(file);
}

void Shim::prune_exit_files() {
  const std::int64_t oldest = wall_clock() - exit_file_lifetime_ns;
  std::size_t kept = 0;
  for (const ExitFile& file : exit_files_) {
    if (file.time_ns < oldest)
      ::unlinkat(run_dir_.get(), file.name, 0);
    else
      exit_files_[kept++] = file;
  }
  while (exit_files_.size() > kept) exit_files_.pop_back();
}

void Shim::on_idle(Process& process) {
  // A client may leave in the middle of finish(): the exit is announced first and asks again.
  if (!process.watching.empty() || process.state() != ControlState::stopped) return;
  if (&process != container_.get()) return discard(&process);
  quit_when_done();
}

void Shim::discard(Process* process) {
  for (std::size_t i = 0; i < execs_.size(); ++i) {
    if (execs_[i] != process) continue;
    execs_[i] = execs_.back();
    execs_.pop_back();
    const PlanView plan = process->plan();
    delete process;
    ::munmap(const_cast<void*>(plan.base()), plan.size());
    break;
  }
  quit_when_done();
}

void Shim::clean_up() {
  if (!container_ || !container_->plan()->runtime.path.count) return;
  UniqueFd mine, report;
  const init::RuntimeFiles files("");
  const int pid = clone_command(mine, report);
  if (pid == 0) init::run_runtime_command(container_->plan(), "delete", "--force", files, report.get());
  const UniqueFd command(pid > 0 ? static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)) : -1);
  pollfd end{command.get(), POLLIN, 0};
  // Whoever waits for this shim does not do so for ever either.
  if (command && ::poll(&end, 1, delete_timeout_ms) == 0) ::kill(pid, SIGKILL);
}

/// Everything worth knowing is in files by now.
void Shim::quit_when_done() {
  if (container_->state() == ControlState::stopped && !failed_ && container_->idle() && execs_.empty()) loop_.stop();
}

} // namespace gantry::runtime_linux::shim
