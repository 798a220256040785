#pragma once

#include <memory>
#include <vector>

#include "shim/connection.hpp"
#include "shim/process.hpp"
#include "shim/receive.hpp"

namespace gantry::runtime_linux::shim {

/// One container: its process, its execs, its control socket, its exit status on disk.
class Shim final : public ProcessOwner {
 public:
  explicit Shim(Loop& loop) : loop_(loop) {}

  void serve(Connection& connection, const ControlRequest& request, Received& received);
  void drop(Connection& connection);
  void reap();
  void before_wait();
  /// After the loop: lets an external runtime forget the container.
  void clean_up();

  void on_launch_failed(Process&, const InitReport&) override;
  void on_launched(Process&) override;
  void on_created(Process&) override;
  void on_idle(Process&) override;

 private:
  void create(Connection& connection, Received& received);
  void start(Connection& connection);
  void exec(Connection& connection, const ControlRequest& request, Received& received);
  void attach(Connection& connection, const ControlRequest& request, Received& received);
  void resize(Connection& connection, const ControlRequest& request);
  void close_stdin(Connection& connection, const ControlRequest& request);
  void signal(Connection& connection, const ControlRequest& request);
  void status(Connection& connection, const ControlRequest& request, bool watch);
  void list_execs(Connection& connection);

  Process* find(const char* exec_id);
  Process* find_pid(int pid);
  Process* find_or_refuse(Connection& connection, const ControlRequest& request);
  const char* listen();
  int spawn_container();
  int spawn_exec(Process& process);
  pid_t next_dead(int* status);
  void announce_exit(Process& process);
  void write_exit_file(const Process& process);
  void prune_exit_files();
  bool was_oom_killed() const;
  void kill_rest();
  void refuse_start(Connection& connection);
  void discard(Process* process);
  void quit_when_done();

  Loop& loop_;
  UniqueFd run_dir_;
  std::unique_ptr<Process> container_;
  std::vector<Process*> execs_;
  struct ExitFile {
    char name[48];
    std::int64_t time_ns;
  };
  std::vector<ExitFile> exit_files_;
  InitReport failure_;
  bool failed_ = false;
};

} // namespace gantry::runtime_linux::shim
