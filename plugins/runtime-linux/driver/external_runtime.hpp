#pragma once

#include <map>
#include <string>
#include <vector>

#include "cgroup/hierarchies.hpp"
#include "driver/compile_plan.hpp"
#include "driver/run_dir.hpp"

// Containers whose processes an external OCI runtime (runc, crun, …) makes. Its shim, log, streams, cgroup paths and exit
// status are those of every other container.
namespace gantry::runtime_linux {

struct ExternalRuntime {
  std::string path;                   ///< absolute where it was found in $PATH
  std::vector<std::string> arguments; ///< before its command
};

/// The member "runtimes" of the driver's configuration: name → {"path", "runtimeArgs"}. Errors: invalid.
std::map<std::string, ExternalRuntime> parse_runtimes(const std::string& config_json);

/// A plan that makes the shim call the runtime. It is given the whole spec; what it cannot do, it says.
void compile_external_container(PlanWriter& plan, const RuntimeCreate& request, const Json& spec, const RunDir& directory,
                                const ExternalRuntime& runtime, const Hierarchies& hierarchies, const std::string& cgroup_path);

void compile_external_exec(PlanWriter& plan, const RuntimeExec& request);

} // namespace gantry::runtime_linux
