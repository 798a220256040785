#pragma once

#include <gantry/sdk/host.hpp>
#include <string>

#include "driver/compile_plan.hpp"
#include "driver/run_dir.hpp"

// OCI hooks (runtime-spec, config.md, "POSIX-platform Hooks"). createContainer and startContainer are run by init in the
// container, all others here, in the engine's own namespaces.
namespace gantry::runtime_linux {

/// The hooks of one container. What runs after its end is kept in its run directory, so that it happens even when another
/// engine cleans up.
class Hooks {
 public:
  /// Throws invalid, naming the member.
  Hooks(const Json& spec, const std::string& id, const RunDir& directory);
  /// Of a container that exists; empty when it has none.
  explicit Hooks(const RunDir& directory);

  bool empty() const { return hooks_.empty(); }
  /// For init, and keeps config.json and the rest for later.
  void compile(PlanWriter& plan, const Json& spec) const;
  /// prestart and createRuntime. Throws failed_precondition "init_failed" with what the hook said.
  void after_create(int pid) const;
  /// poststart and poststop: failures are logged.
  void after_start(Host& host, int pid) const;
  void after_stop(Host& host) const;

 private:
  std::string state(const char* status, int pid) const;
  void run_stage(const char* stage, const std::string& state) const;
  void run_and_log(Host& host, const char* stage, const std::string& state) const;

  Json hooks_ = Json::object(), state_ = Json::object();
  RunDir directory_;
};

} // namespace gantry::runtime_linux
