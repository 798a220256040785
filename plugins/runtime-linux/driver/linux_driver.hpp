#pragma once

#include <mutex>

#include <gantry/sdk/runtime.hpp>

#include "cgroup/container_cgroup.hpp"
#include "cgroup/hierarchies.hpp"
#include "driver/counter_files.hpp"
#include "driver/external_runtime.hpp"
#include "driver/run_dir.hpp"
#include "driver/shim_client.hpp"

namespace gantry::runtime_linux {

/// Native Linux containers. The driver holds no state about containers but open files: everything is in their run directories
/// and with their shims, so that it makes no difference whether this or an earlier engine started them.
class LinuxDriver final : public RuntimeDriver {
 public:
  /// `config_json`: {"runtimes": …}, see parse_runtimes.
  explicit LinuxDriver(Host& host, const std::string& config_json = "");
  LinuxDriver(const LinuxDriver&) = delete;
  LinuxDriver& operator=(const LinuxDriver&) = delete;
  ~LinuxDriver() override;

  RuntimeFeatures features() override;
  RuntimeProcess create(Call&, const RuntimeCreate&) override;
  void start(Call&, const std::string& id) override;
  void signal(Call&, const RuntimeSignal&) override;
  void pause(Call&, const std::string& id) override;
  void resume(Call&, const std::string& id) override;
  void update(Call&, const std::string& id, const std::string& resources_json) override;
  void mount(Call&, const std::string& id, const Mount&) override;
  void unmount(Call&, const std::string& id, const std::string& target) override;
  void remove(Call&, const std::string& id, bool force) override;
  RuntimeProcess exec(Call&, RuntimeExec) override;
  void resize(Call&, const std::string& id, const std::string& exec_id, std::uint16_t rows, std::uint16_t cols) override;
  void close_stdin(Call&, const std::string& id, const std::string& exec_id) override;
  void attach(Call&, RuntimeAttach) override;
  std::optional<RuntimeExit> exit_info(Call&, const std::string& id, const std::string& exec_id) override;
  RuntimeStats stats(Call&, const std::string& id) override;
  std::vector<std::int32_t> processes(Call&, const std::string& id) override;
  RuntimeStatus reattach(Call&, const RuntimeReattach&) override;
  std::vector<std::string> execs(Call&, const std::string& id) override;
  RuntimeStatus reattach_exec(Call&, const std::string& id, const std::string& exec_id) override;
  void reconfigure(Call&, const std::string& config_json) override;
  void reconcile(Call&, const std::vector<std::string>& live_ids) override;

 private:
  RunDir run_dir(const std::string& id) const;
  /// Throws not_found when nothing of the container is left.
  ContainerState state_of(const std::string& id) const;
  ContainerCgroup cgroup_of(const std::string& id) const;
  /// One request on a connection of its own. Throws not_found when no shim is there.
  ShimReply request(Call&, const std::string& id, const ControlRequest&, const std::vector<int>& fds = {});
  /// The mount namespace of a container that runs. Throws not_found, forbidden_state.
  UniqueFd mount_namespace(Call&, const std::string& id);
  RuntimeStatus watch(Call&, const std::string& id, const std::string& exec_id);
  void destroy(Call&, const RunDir& directory);
  RuntimeProcess create_in(Call&, const RuntimeCreate&, const RunDir& directory);
  /// Absent: the driver itself. Throws invalid when nobody has configured it.
  std::optional<ExternalRuntime> runtime_of(const RuntimeCreate&) const;

  Host& host_;
  mutable std::mutex runtimes_guard_;
  std::map<std::string, ExternalRuntime> runtimes_;
  Hierarchies hierarchies_;
  UniqueFd shim_;
  CounterCache counters_{most_counter_files()};
};

} // namespace gantry::runtime_linux
