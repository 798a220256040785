#include "plugins/runtime_adapter.hpp"

#include <gantry/sdk/detail/runtime_wire.hpp>
#include <utility>

#include "plugins/call.hpp"
#include "plugins/sink.hpp"

namespace gantry::plugins {

namespace {

using Self = void*;
using C = const gantry_call*;

std::string string_of(const gantry_str* s) { return detail::text(*s); }
std::int32_t pid_of(const std::int32_t* pid) { return *pid; }

class RuntimeAdapter final : public RuntimeDriver {
 public:
  RuntimeAdapter(const gantry_runtime_table& table, std::unique_ptr<DriverInstance> instance)
      : t_(table), driver_(std::move(instance)) {}

  RuntimeFeatures features() override {
    CancellableCall call;
    Results result(&detail::features_of);
    driver_->invoke(t_.features, "features", call, [&](Self self, C c) { return t_.features(self, c, result.get()); });
    return std::move(result).one(*driver_, "features");
  }

  RuntimeProcess create(Call& call, const RuntimeCreate& request) override {
    const detail::CreateView view(request);
    Results result(&detail::status_of);
    driver_->invoke(t_.create, "create", call, [&](Self self, C c) { return t_.create(self, c, view.get(), result.get()); });
    return live(std::move(result).one(*driver_, "create"), "create");
  }

  void start(Call& call, const std::string& id) override {
    const gantry_str i = detail::view(id);
    driver_->invoke(t_.start, "start", call, [&](Self self, C c) { return t_.start(self, c, &i); });
  }

  void signal(Call& call, const RuntimeSignal& request) override {
    const gantry_str i = detail::view(request.id), e = detail::view(request.exec_id);
    driver_->invoke(t_.signal, "signal", call,
                    [&](Self self, C c) { return t_.signal(self, c, &i, &e, request.signo, request.all); });
  }

  void pause(Call& call, const std::string& id) override {
    const gantry_str i = detail::view(id);
    driver_->invoke(t_.pause, "pause", call, [&](Self self, C c) { return t_.pause(self, c, &i); });
  }

  void resume(Call& call, const std::string& id) override {
    const gantry_str i = detail::view(id);
    driver_->invoke(t_.resume, "resume", call, [&](Self self, C c) { return t_.resume(self, c, &i); });
  }

  void update(Call& call, const std::string& id, const std::string& resources_json) override {
    const gantry_str i = detail::view(id), r = detail::view(resources_json);
    driver_->invoke(t_.update, "update", call, [&](Self self, C c) { return t_.update(self, c, &i, &r); });
  }

  void mount(Call& call, const std::string& id, const Mount& mount) override {
    const gantry_str i = detail::view(id);
    const std::vector<Mount> mounts = {mount};
    const detail::MountViews views(mounts);
    driver_->invoke(t_.mount, "mount", call, [&](Self self, C c) { return t_.mount(self, c, &i, views.items().data()); });
  }

  void unmount(Call& call, const std::string& id, const std::string& target) override {
    const gantry_str i = detail::view(id), t = detail::view(target);
    driver_->invoke(t_.unmount, "unmount", call, [&](Self self, C c) { return t_.unmount(self, c, &i, &t); });
  }

  void remove(Call& call, const std::string& id, bool force) override {
    const gantry_str i = detail::view(id);
    driver_->invoke(t_.remove, "remove", call, [&](Self self, C c) { return t_.remove(self, c, &i, force); });
  }

  RuntimeProcess exec(Call& call, RuntimeExec request) override {
    Results result(&detail::status_of);
    driver_->invoke(t_.exec, "exec", call, [&](Self self, C c) {
      const detail::ExecView view(request);
      return t_.exec(self, c, view.get(), result.get());
    });
    return live(std::move(result).one(*driver_, "exec"), "exec");
  }

  void resize(Call& call, const std::string& id, const std::string& exec_id, std::uint16_t rows, std::uint16_t cols) override {
    const gantry_str i = detail::view(id), e = detail::view(exec_id);
    driver_->invoke(t_.resize, "resize", call, [&](Self self, C c) { return t_.resize(self, c, &i, &e, rows, cols); });
  }

  void close_stdin(Call& call, const std::string& id, const std::string& exec_id) override {
    const gantry_str i = detail::view(id), e = detail::view(exec_id);
    driver_->invoke(t_.close_stdin, "close_stdin", call, [&](Self self, C c) { return t_.close_stdin(self, c, &i, &e); });
  }

  void attach(Call& call, RuntimeAttach request) override {
    driver_->invoke(t_.attach, "attach", call, [&](Self self, C c) {
      const gantry_runtime_attach view = detail::to_attach(request);
      return t_.attach(self, c, &view);
    });
  }

  std::optional<RuntimeExit> exit_info(Call& call, const std::string& id, const std::string& exec_id) override {
    const gantry_str i = detail::view(id), e = detail::view(exec_id);
    Results result(&detail::exit_of);
    driver_->invoke(t_.exit_info, "exit_info", call, [&](Self self, C c) { return t_.exit_info(self, c, &i, &e, result.get()); });
    return std::move(result).optional();
  }

  RuntimeStats stats(Call& call, const std::string& id) override {
    const gantry_str i = detail::view(id);
    Results result(&detail::stats_of);
    driver_->invoke(t_.stats, "stats", call, [&](Self self, C c) { return t_.stats(self, c, &i, result.get()); });
    return std::move(result).one(*driver_, "stats");
  }

  std::vector<std::int32_t> processes(Call& call, const std::string& id) override {
    const gantry_str i = detail::view(id);
    Results result(&pid_of);
    driver_->invoke(t_.processes, "processes", call, [&](Self self, C c) { return t_.processes(self, c, &i, result.get()); });
    return std::move(result).all();
  }

  RuntimeStatus reattach(Call& call, const RuntimeReattach& request) override {
    const gantry_str i = detail::view(request.id), s = detail::view(request.state_json);
    Results result(&detail::status_of);
    driver_->invoke(t_.reattach, "reattach", call, [&](Self self, C c) { return t_.reattach(self, c, &i, &s, result.get()); });
    return std::move(result).one(*driver_, "reattach");
  }

  std::vector<std::string> execs(Call& call, const std::string& id) override {
    const gantry_str i = detail::view(id);
    Results result(&string_of);
    driver_->invoke(t_.execs, "execs", call, [&](Self self, C c) { return t_.execs(self, c, &i, result.get()); });
    return std::move(result).all();
  }

  RuntimeStatus reattach_exec(Call& call, const std::string& id, const std::string& exec_id) override {
    const gantry_str i = detail::view(id), e = detail::view(exec_id);
    Results result(&detail::status_of);
    driver_->invoke(t_.reattach_exec, "reattach_exec", call,
                    [&](Self self, C c) { return t_.reattach_exec(self, c, &i, &e, result.get()); });
    return std::move(result).one(*driver_, "reattach_exec");
  }

  void reconcile(Call& call, const std::vector<std::string>& live_ids) override {
    const auto views = detail::views(live_ids);
    const gantry_array live = detail::array_of(views);
    driver_->invoke(t_.reconcile, "reconcile", call, [&](Self self, C c) { return t_.reconcile(self, c, &live); });
  }

  void reconfigure(Call& call, const std::string& config_json) override {
    const gantry_str config = detail::view(config_json);
    driver_->invoke(t_.reconfigure, "reconfigure", call, [&](Self self, C c) { return t_.reconfigure(self, c, &config); });
  }

 private:
  /// A new process has a pid: signalling "pid 0" or "pid -1" would reach the daemon itself, or everything.
  RuntimeProcess live(RuntimeStatus status, const char* operation) const {
    if (status.process.pid <= 0)
      throw internal(driver_->who() + " returned pid " + std::to_string(status.process.pid) + " from " + operation);
    return std::move(status.process);
  }

  gantry_runtime_table t_;
  std::unique_ptr<DriverInstance> driver_;
};

} // namespace

std::unique_ptr<RuntimeDriver> adapt_runtime(const gantry_runtime_table& table, std::unique_ptr<DriverInstance> instance) {
  return std::make_unique<RuntimeAdapter>(table, std::move(instance));
}

} // namespace gantry::plugins
