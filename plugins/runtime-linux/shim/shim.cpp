#include "shim/shim.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
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

#include "shim/client.hpp"

namespace gantry::runtime_linux::shim {
namespace {

/// The plan stays mapped: strings of it are used as long as its process lives.
PlanView map_plan(const UniqueFd& fd) {
  struct stat info {};
  if (!fd || ::fstat(fd.get(), &info) < 0 || info.st_size < static_cast<off_t>(sizeof(Plan))) return {};
  const auto size = static_cast<std::size_t>(info.st_size);
  void* base = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  return base == MAP_FAILED ? PlanView{} : PlanView{base, size};
}

void unmap_plan(const PlanView& plan) { ::munmap(const_cast<void*>(plan.base()), plan.size()); }

bool plan_names_runtime(const PlanView& plan) { return plan->runtime.path.count != 0; }

/// Where an external runtime finds the root filesystem mounted and the host does not see it.
int leave_mount_namespace(const PlanView& plan) {
  if (::unshare(CLONE_NEWNS) < 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) < 0) return errno;
  const char* hidden = plan.string(plan->runtime.hidden);
  return *hidden && ::umount2(hidden, MNT_DETACH) < 0 ? errno : 0;
}

void erase(std::vector<Connection*>& list, Connection* item) {
  for (std::size_t i = 0; i < list.size();) {
    if (list[i] == item)
      list[i] = list.back(), list.pop_back();
    else
      ++i;
  }
}

void fill_failure(ControlReply& reply, const InitReport& report) {
  reply.result = ControlResult::failed;
  reply.reason = report.reason;
  reply.os_errno = report.os_errno;
  reply.message_size = static_cast<std::uint32_t>(std::strlen(report.text));
  std::memcpy(reply.message, report.text, reply.message_size);
}

} // namespace

void Shim::serve(Connection& connection, const ControlRequest& request, Received& received) {
  if (!container_ && request.op != ControlOp::create) return connection.reply(ControlResult::not_found, "no container");
  switch (request.op) {
    case ControlOp::create:
      return create(connection, received);
    case ControlOp::start:
      return start(connection);
    case ControlOp::exec:
      return exec(connection, request, received);
    case ControlOp::attach:
      return attach(connection, request, received);
    case ControlOp::resize:
      return resize(connection, request);
    case ControlOp::close_stdin:
      return close_stdin(connection, request);
    case ControlOp::signal:
      return signal(connection, request);
    case ControlOp::status:
      return status(connection, request, false);
    case ControlOp::watch:
      return status(connection, request, true);
    case ControlOp::execs:
      return list_execs(connection);
    case ControlOp::quit:
      connection.reply(ControlResult::ok, "");
      return loop_.stop();
  }
  connection.reply(ControlResult::invalid, "unknown control operation");
}

void Shim::drop(Connection& connection) {
  if (container_) {
    erase(container_->launching, &connection);
    erase(container_->watching, &connection);
  }
  for (Process* each : execs_) {
    erase(each->launching, &connection);
    erase(each->watching, &connection);
  }
  loop_.dispose(&connection);
  // The driver went away before it sent a plan.
  if (!container_) loop_.stop();
}

Process* Shim::find(const char* exec_id) {
  if (!*exec_id) return container_.get();
  for (Process* each : execs_)
    if (!std::strcmp(each->id(), exec_id)) return each;
  return nullptr;
}

Process* Shim::find_pid(int pid) {
  const auto is = [pid](const Process& process) { return process.pid() == pid || process.command() == pid; };
  if (container_ && is(*container_)) return container_.get();
  for (Process* each : execs_)
    if (is(*each)) return each;
  return nullptr;
}

Process* Shim::find_or_refuse(Connection& connection, const ControlRequest& request) {
  Process* process = find(request.exec_id);
  if (!process) connection.reply(ControlResult::not_found, "no such process");
  return process;
}

const char* Shim::listen() {
  UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return "create the control socket";
  // Through the descriptor: the directory's own path may be longer than sun_path.
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", run_dir_.get(), control_socket_name);
  ::umask(0177);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) return "bind the control socket";
  ::umask(022);
  if (::listen(socket.get(), 128) < 0) return "listen at the control socket";
  new Listener(loop_, *this, static_cast<UniqueFd&&>(socket));
  return nullptr;
}

void Shim::create(Connection& connection, Received& received) {
  if (container_) return connection.reply(ControlResult::exists, "the container exists");
  const PlanView plan = map_plan(received.fds[0]);
  ControlReply reply;
  const auto refuse = [&](const char* step, int err) {
    reply.result = ControlResult::failed;
    reply.reason = ControlReason::init_failed;
    reply.os_errno = err;
    reply.message_size = static_cast<std::uint32_t>(std::snprintf(reply.message, 512, "%s: %s", step, std::strerror(err)));
    connection.reply(reply);
    loop_.stop();
  };
  if (!plan.valid() || received.count < 2) return refuse("read the launch plan", EINVAL);
  run_dir_ = static_cast<UniqueFd&&>(received.fds[1]);
  if (const char* step = listen()) return refuse(step, errno);
  container_.reset(new Process(loop_, *this, plan));
  if (const int err = container_->log().open(plan)) return refuse("open the container's log file", err);
  if (const int err = spawn_container()) return refuse("clone the container's init", err);
  if (!plan_names_runtime(plan) && !container_->pid()) {
    // Init was never born: the sentence of what should have made it waits in their socket.
    container_->hear_init();
    return refuse_start(connection);
  }
  // An external runtime takes its time, and hooks need an init that has come to its waiting point.
  container_->launching.push_back(&connection);
  if (!container_->command() && !plan->await_ready) on_created(*container_);
}

int Shim::spawn_container() {
  const PlanView& plan = container_->plan();
  if (!plan_names_runtime(plan)) return container_->spawn(-1, plan);
  if (const int err = leave_mount_namespace(plan)) return err;
  return container_->spawn_by_runtime(plan, 0, run_dir_.get());
}

int Shim::spawn_exec(Process& process) {
  const PlanView& plan = container_->plan();
  if (plan_names_runtime(plan)) return process.spawn_by_runtime(plan, container_->pid(), run_dir_.get());
  return process.spawn(container_->pidfd(), plan);
}

void Shim::start(Connection& connection) {
  if (failed_) return refuse_start(connection);
  if (container_->state() != ControlState::created || !container_->launching.empty())
    return connection.reply(ControlResult::forbidden_state, "the container has been started already");
  container_->launching.push_back(&connection);
  if (!plan_names_runtime(container_->plan())) return container_->release();
  if (const int err = container_->start_by_runtime()) {
    InitReport report;
    std::snprintf(report.text, sizeof report.text, "clone the OCI runtime: %s", std::strerror(err));
    on_launch_failed(*container_, report);
  }
}

void Shim::exec(Connection& connection, const ControlRequest& request, Received& received) {
  const PlanView plan = map_plan(received.fds[0]);
  if (!plan.valid()) return connection.reply(ControlResult::invalid, "malformed exec plan");
  if (container_->state() != ControlState::running)
    return unmap_plan(plan), connection.reply(ControlResult::not_found, "the container is not running");
  if (find(plan.string(plan->id))) return unmap_plan(plan), connection.reply(ControlResult::exists, "the exec exists");
  prune_exit_files();
  auto* process = new Process(loop_, *this, plan);
  process->launching.push_back(&connection);
  if (const int err = spawn_exec(*process)) {
    InitReport report;
    report.os_errno = err;
    std::snprintf(report.text, sizeof report.text, "clone the exec: %s", std::strerror(err));
    ControlReply reply;
    fill_failure(reply, report);
    connection.reply(reply);
    delete process;
    return unmap_plan(plan);
  }
  // Its stdin is there now, for the bytes that came with the client; its output is not read before the next event.
  if (request.attach_flags & attach_client) {
    std::unique_ptr<Client> client(new Client(loop_, request, static_cast<UniqueFd&&>(received.fds[1])));
    process->attach(static_cast<std::unique_ptr<Client>&&>(client), static_cast<UniqueFd&&>(received.fds[2]));
  }
  execs_.push_back(process);
}

void Shim::attach(Connection& connection, const ControlRequest& request, Received& received) {
  Process* process = find_or_refuse(connection, request);
  if (!process) return;
  if (!received.fds[0]) return connection.reply(ControlResult::invalid, "attach without a client");
  connection.reply(ControlResult::ok, "");
  std::unique_ptr<Client> client(new Client(loop_, request, static_cast<UniqueFd&&>(received.fds[0])));
  process->attach(static_cast<std::unique_ptr<Client>&&>(client), static_cast<UniqueFd&&>(received.fds[1]));
}

void Shim::resize(Connection& connection, const ControlRequest& request) {
  Process* process = find_or_refuse(connection, request);
  if (!process) return;
  if (!process->tty()) return connection.reply(ControlResult::forbidden_state, "the process has no terminal");
  if (!process->resize(request.rows, request.cols))
    return connection.reply(ControlResult::forbidden_state, "the terminal is not open");
  connection.reply(ControlResult::ok, "");
}

void Shim::close_stdin(Connection& connection, const ControlRequest& request) {
  Process* process = find_or_refuse(connection, request);
  if (!process) return;
  process->close_stdin();
  connection.reply(ControlResult::ok, "");
}

void Shim::signal(Connection& connection, const ControlRequest& request) {
  Process* process = find_or_refuse(connection, request);
  if (!process) return;
  // Reaping happens here only, so the pidfd's process is ours or a zombie, and its number is nobody else's.
  if (request.attach_flags & signal_group && process->pid()) ::kill(-process->pid(), request.signo);
  if (!process->pid() || ::syscall(SYS_pidfd_send_signal, process->pidfd(), request.signo, nullptr, 0) < 0) {
    const bool gone = !process->pid() || errno == ESRCH;
    return connection.reply(gone ? ControlResult::not_found : ControlResult::invalid,
                            gone ? "the process has ended" : std::strerror(errno));
  }
  connection.reply(ControlResult::ok, "");
}

void Shim::status(Connection& connection, const ControlRequest& request, bool watch) {
  Process* process = find_or_refuse(connection, request);
  if (!process) return;
  ControlReply reply;
  reply.state = process->state();
  reply.pid = process->pid();
  connection.reply(reply);
  if (!watch) return;
  if (process->state() == ControlState::stopped)
    loop_.dispose(&connection);
  else
    process->watching.push_back(&connection);
}

void Shim::list_execs(Connection& connection) {
  ControlReply reply;
  for (const Process* each : execs_) {
    if (each->state() == ControlState::stopped) continue;
    const std::size_t size = std::strlen(each->id());
    if (reply.message_size + size + 1 > max_control_message) break;
    std::memcpy(reply.message + reply.message_size, each->id(), size);
    reply.message_size += static_cast<std::uint32_t>(size);
    reply.message[reply.message_size++] = '\n';
  }
  connection.reply(reply);
}

void Shim::on_launched(Process& process) {
  ControlReply reply;
  reply.state = ControlState::running;
  reply.pid = process.pid();
  for (Connection* each : process.launching) {
    each->reply(reply);
    // The connection that made an exec is its exit_fd.
    if (&process != container_.get()) process.watching.push_back(each);
  }
  process.launching.clear();
}

void Shim::on_created(Process& process) {
  ControlReply reply;
  reply.pid = process.pid();
  for (Connection* each : process.launching) {
    each->reply(reply);
    process.watching.push_back(each);
  }
  process.launching.clear();
}

void Shim::on_launch_failed(Process& process, const InitReport& report) {
  ControlReply reply;
  fill_failure(reply, report);
  for (Connection* each : process.launching) each->reply(reply);
  const bool told = !process.launching.empty();
  process.launching.clear();
  process.fail_launch();
  if (&process != container_.get()) return discard(&process);
  // Before start nobody has asked yet: the answer waits for that.
  failed_ = true;
  failure_ = report;
  if (told) loop_.stop();
}

void Shim::refuse_start(Connection& connection) {
  ControlReply reply;
  fill_failure(reply, failure_);
  connection.reply(reply);
  loop_.stop();
}

void Shim::before_wait() {
  if (container_) container_->log().flush();
}

} // namespace gantry::runtime_linux::shim
