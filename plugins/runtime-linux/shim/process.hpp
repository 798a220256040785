#pragma once

#include <memory>
#include <vector>

#include "plan/control.hpp"
#include "plan/launch_plan.hpp"
#include "shim/json_log.hpp"
#include "shim/loop.hpp"

namespace gantry::runtime_linux::shim {

class Client;
class Connection;
class InitSocket;
class Input;
class Output;
class Process;
struct RuntimeWork;

/// What a process tells its owner (the shim).
class ProcessOwner {
 public:
  virtual ~ProcessOwner() = default;
  /// Init reported a failure or died before the program ran.
  virtual void on_launch_failed(Process&, const InitReport&) = 0;
  virtual void on_launched(Process&) = 0;
  /// An external runtime has made the container; it waits for its start.
  virtual void on_created(Process&) = 0;
  /// The last client has gone after the exit.
  virtual void on_idle(Process&) = 0;
};

struct ExitStatus {
  std::int32_t code = 0, signal = 0;
  bool oom_killed = false;
  std::int64_t time_ns = 0;
};

/// The container's program or an exec: its streams, its clients and its end.
class Process {
 public:
  Process(Loop& loop, ProcessOwner& owner, const PlanView& plan);
  ~Process();

  /// Clones init. Errno, 0 when it runs. `container`: pidfd to join for an exec, -1 for the container itself.
  int spawn(int container, const PlanView& container_plan);
  /// Lets the container's init go on.
  void release();
  /// The same by an external runtime. `container_pid`: for an exec, 0 for the container itself; `bundle` outlives this.
  int spawn_by_runtime(const PlanView& container_plan, int container_pid, int bundle);
  int start_by_runtime();
  /// Pid of the runtime's command that is at work for this process, 0: none. While there is one the process itself must not
  /// be reaped: what has a pid file is not known before.
  int command() const;
  void on_command_exit(int wait_status);

  const char* id() const { return plan_.string(plan_->id); }
  int pid() const { return pid_; }
  int pidfd() const { return pidfd_.get(); }
  const PlanView& plan() const { return plan_; }
  ControlState state() const { return state_; }
  bool tty() const { return plan_->process.stdio.tty != 0; }
  JsonLog& log() { return log_; }

  /// `pending`: memfd with bytes that are stdin, or none.
  void attach(std::unique_ptr<Client> client, UniqueFd pending);
  bool resize(std::uint16_t rows, std::uint16_t cols);
  void close_stdin();
  /// Takes what init has reported and nobody has read yet. May end in on_launch_failed.
  void hear_init();
  /// Reaped: takes what the pipes still hold, so that nothing is lost before the exit is announced.
  void finish(int wait_status);
  /// The exit can be asked for: clients, who do that when their stream ends, get what is left and the end. The last to go
  /// ends in on_idle.
  void finish_clients();
  /// The program never ran: clients are let go without a word, the engine tells them.
  void fail_launch();
  const ExitStatus& exit_status() const { return exit_; }
  void set_oom_killed(bool oom_killed) { exit_.oom_killed = oom_killed; }
  bool idle() const { return clients_.empty(); }

  // Called by the parts below.
  void on_output(StreamKind stream, const char* data, std::size_t size);
  void on_output_end(StreamKind stream);
  void on_init_report(const InitReport& report, UniqueFd terminal);
  void on_init_gone();
  void take_terminal(UniqueFd terminal);
  /// What the pipes hold is not the program's output.
  bool is_muted() const;
  bool write_stdin(const char* data, std::size_t size);
  bool stdin_ready() const;
  void on_stdin_writable();
  /// True when the program sees that end too; otherwise its stdin stays open for others.
  bool on_client_stdin_end();
  void drop_client(Client& client);
  /// Reads output only while no client is behind.
  void balance();

  /// Connections that wait for the launch, and those that watch for the exit.
  std::vector<Connection*> launching, watching;

 private:
  struct ChildEnds {
    UniqueFd in, out, err, report;
  };
  int open_pipes(ChildEnds& ends);
  const char* adopt_from_runtime();
  int write_id_maps();
  int spawn_mapped(const ChildEnds& ends);

  Loop& loop_;
  ProcessOwner& owner_;
  PlanView plan_;
  int pid_ = 0;
  UniqueFd pidfd_;
  ControlState state_ = ControlState::created;
  bool released_ = false;
  ExitStatus exit_;
  JsonLog log_;
  InitSocket* init_ = nullptr;
  Output* outputs_[2] = {};
  Input* input_ = nullptr;
  std::unique_ptr<RuntimeWork> runtime_; ///< with an external runtime only
  std::vector<Client*> clients_;
};

} // namespace gantry::runtime_linux::shim
