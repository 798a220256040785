#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gantry/sdk/runtime.hpp>

namespace gantry::test {

/// A runtime without processes. What it knows lives in files below `directory`, so that it outlasts the engine as shims do.
class FakeRuntime final : public RuntimeDriver {
 public:
  explicit FakeRuntime(std::string directory);

  // What a test does to it.
  void finish(const std::string& id, int code, const std::string& exec_id = "");
  /// A process of which nobody but the runtime knows.
  void revive(const std::string& id, const std::string& exec_id) {
    const std::lock_guard lock(guard_);
    write(id, exec_id, "running");
  }
  void ignore_signal(int signo) { ignored_.insert(signo); }
  /// The containers' processes are gone, whatever has their pids now.
  void lose_processes() { lost_ = true; }
  void fail_next_start(Error error) { start_error_ = std::move(error); }
  void fail_next_update(Error error) { update_error_ = std::move(error); }
  void fail_next_remove(Error error) { remove_error_ = std::move(error); }
  /// Every exec from now on ends at once with this code and output. Without: it runs until it is killed.
  void answer_execs(int code, std::string output = "") {
    const std::lock_guard lock(guard_);
    exec_answer_.emplace(code, std::move(output));
  }
  void leave_execs_running() {
    const std::lock_guard lock(guard_);
    exec_answer_.reset();
  }
  /// "ID ROWSxCOLS" of each resize of an exec, in order.
  std::vector<std::string> resizes() {
    const std::lock_guard lock(guard_);
    return resizes_;
  }
  bool last_exec_is_framed() {
    const std::lock_guard lock(guard_);
    return framed_;
  }
  std::size_t execs_made() {
    const std::lock_guard lock(guard_);
    return execs_made_;
  }
  std::set<std::string> ids();
  std::string state(const std::string& id, const std::string& exec_id = "");
  std::vector<int> signals() {
    const std::lock_guard lock(guard_);
    return signals_;
  }
  std::vector<std::string> attached() {
    const std::lock_guard lock(guard_);
    return attached_;
  }
  /// "resources" of each update, in order.
  std::vector<std::string> updates() {
    const std::lock_guard lock(guard_);
    return updates_;
  }
  /// "<id> <source> <target> <options>" of each live mount, in order.
  std::vector<std::string> mounts() {
    const std::lock_guard lock(guard_);
    return mounts_;
  }
  void fail_next_mount(Error error) { mount_error_ = std::move(error); }
  void fail_unmounts(int times) { failing_unmounts_ = times; }
  int failing_unmounts() const { return failing_unmounts_; }
  RuntimeCreate last_create() {
    const std::lock_guard lock(guard_);
    return created_;
  }

  RuntimeFeatures features() override { return {}; }
  RuntimeProcess create(Call&, const RuntimeCreate&) override;
  void start(Call&, const std::string& id) override;
  void signal(Call&, const RuntimeSignal&) override;
  void pause(Call&, const std::string& id) override;
  void resume(Call&, const std::string& id) override;
  void update(Call&, const std::string& id, const std::string& resources_json) override;
  void mount(Call&, const std::string& id, const Mount& mount) override;
  void unmount(Call&, const std::string& id, const std::string& target) override;
  void remove(Call&, const std::string& id, bool force) override;
  RuntimeProcess exec(Call&, RuntimeExec) override;
  void resize(Call&, const std::string&, const std::string& exec_id, std::uint16_t rows, std::uint16_t cols) override {
    const std::lock_guard lock(guard_);
    resizes_.push_back(exec_id + " " + std::to_string(rows) + "x" + std::to_string(cols));
  }
  void close_stdin(Call&, const std::string&, const std::string&) override {}
  void attach(Call&, RuntimeAttach) override;
  std::optional<RuntimeExit> exit_info(Call&, const std::string& id, const std::string& exec_id) override;
  RuntimeStats stats(Call&, const std::string&) override { return {}; }
  std::vector<std::int32_t> processes(Call&, const std::string&) override;
  RuntimeStatus reattach(Call&, const RuntimeReattach&) override;
  std::vector<std::string> execs(Call&, const std::string& id) override;
  RuntimeStatus reattach_exec(Call&, const std::string& id, const std::string& exec_id) override;
  void reconcile(Call&, const std::vector<std::string>& live_ids) override;

 private:
  bool lost_ = false;
  std::string path(const std::string& id, const std::string& exec_id) const;
  void write(const std::string& id, const std::string& exec_id, const std::string& state) const;
  std::string read(const std::string& id, const std::string& exec_id) const;
  RuntimeProcess process(const std::string& id, const std::string& exec_id);
  RuntimeStatus status(const std::string& id, const std::string& exec_id);
  void finish_locked(const std::string& id, const std::string& exec_id, int code);

  std::string directory_;
  std::recursive_mutex guard_;
  std::multimap<std::string, UniqueFd> ends_; ///< closed when the process ends
  std::set<int> ignored_;
  std::vector<int> signals_;
  std::vector<std::string> attached_, updates_, mounts_, resizes_;
  bool framed_ = false;
  RuntimeCreate created_;
  std::optional<Error> start_error_, remove_error_, update_error_, mount_error_;
  std::optional<std::pair<int, std::string>> exec_answer_;
  std::size_t execs_made_ = 0;
  std::atomic<int> failing_unmounts_ = 0;
  std::map<std::string, UniqueFd> exec_clients_; ///< of those that run until they are killed
};

} // namespace gantry::test
