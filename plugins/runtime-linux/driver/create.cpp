#include <unistd.h>
#include <cerrno>
#include <cstring>

#include "driver/compile_plan.hpp"
#include "driver/hooks.hpp"
#include "driver/linux_driver.hpp"
#include "driver/requests.hpp"

namespace gantry::runtime_linux {
namespace {

std::string cgroup_path_of(const Json& spec, const Host& host, const std::string& id) {
  const Json& linux_part = spec.contains("linux") ? spec["linux"] : Json();
  const std::string path = linux_part.is_object() ? linux_part.value("cgroupsPath", "") : "";
  return path.empty() ? "/" + host.instance() + "/" + id : path;
}

Json resources_of(const Json& spec) {
  return spec.contains("linux") && spec["linux"].contains("resources") ? spec["linux"]["resources"] : Json::object();
}

/// What init needs to know about the container's cgroups.
void describe_cgroup(PlanWriter& plan, const ContainerCgroup& cgroup) {
  Plan& head = plan.head();
  head.cgroup_version = cgroup.version();
  head.cgroup_v1 = plan.strings(cgroup.v1_directories());
  head.cgroup_v2 = plan.string(cgroup.v2_directory());
  head.oom_events = plan.string(cgroup.oom_events());
  std::vector<PlanPair> controllers;
  for (const Hierarchy& each : cgroup.hierarchies().v1)
    controllers.push_back({plan.string(each.directory), plan.string(each.options)});
  head.cgroup_controllers = plan.array(controllers);
}

} // namespace

std::optional<ExternalRuntime> LinuxDriver::runtime_of(const RuntimeCreate& request) const {
  if (request.runtime.empty()) return std::nullopt;
  const std::lock_guard lock(runtimes_guard_);
  const auto found = runtimes_.find(request.runtime);
  if (found == runtimes_.end()) throw Error(Code::invalid, "unknown or invalid runtime name: " + request.runtime);
  return found->second;
}

RuntimeProcess LinuxDriver::create(Call& call, const RuntimeCreate& request) {
  check_id(request.id);
  const RunDir directory = run_dir(request.id);
  if (!directory.make()) {
    if (connect_shim(directory)) throw Error(Code::already_exists, "container " + request.id + " is live");
    destroy(call, directory);
    directory.make();
  }
  try {
    return create_in(call, request, directory);
  } catch (const Json::exception& problem) {
    directory.remove();
    throw Error(Code::invalid, std::string("container spec: ") + problem.what());
  } catch (...) {
    directory.remove();
    throw;
  }
}

/// The shim starts while the plan is compiled and the cgroups are made here.
RuntimeProcess LinuxDriver::create_in(Call& call, const RuntimeCreate& request, const RunDir& directory) {
  StartingShim shim(shim_.get());
  const Json spec = parse_json(request.oci_spec_json, "container spec");
  ContainerCgroup cgroup(hierarchies_, cgroup_path_of(spec, host_, request.id));
  PlanWriter plan;
  const std::optional<ExternalRuntime> external = runtime_of(request);
  if (external)
    compile_external_container(plan, request, spec, directory, *external, hierarchies_, cgroup.path());
  else
    compile_container(plan, request, spec, directory.staging());
  const Hooks hooks(external ? Json::object() : spec, request.id, directory);
  hooks.compile(plan, spec);
  plan.head().id = plan.string(request.id);
  describe_cgroup(plan, cgroup);
  const std::vector<char>& bytes = plan.finish();
  const UniqueFd file = memory_file("plan", bytes.data(), bytes.size());

  // Whoever cleans up after a crash of the engine must know which cgroup there may be.
  ContainerState state{request.id, cgroup.path(), 0, external.has_value()};
  directory.write_state(state);
  if (!external) cgroup.create(resources_of(spec));
  try {
    const UniqueFd place = directory.open();
    send_request(shim.connection.get(), request_for(ControlOp::create), {file.get(), place.get()});
    const ShimReply reply = receive_reply(shim.connection.get(), call);
    check_reply(reply);
    state.pid = reply.pid;
    directory.write_state(state);
    hooks.after_create(reply.pid);
    return {reply.pid, std::move(shim.connection), state.to_json()};
  } catch (...) {
    shim.connection.reset();
    // It has yet to make its runtime forget the container.
    if (const UniqueFd control = connect_shim(directory); external && control) await_end(peer_process(control.get()).get());
    kill_shim(directory);
    cgroup.remove(true);
    hooks.after_stop(host_);
    throw;
  }
}

void LinuxDriver::start(Call& call, const std::string& id) {
  try {
    const ShimReply reply = request(call, id, request_for(ControlOp::start));
    check_reply(reply);
    if (const Hooks hooks(run_dir(id)); !hooks.empty()) hooks.after_start(host_, reply.pid);
  } catch (const Error& problem) {
    // Only a verdict about the program ends the container; "not found" and "started already" change nothing.
    if (!problem.reason().empty() || problem.code() == Code::unavailable) destroy(call, run_dir(id));
    throw;
  }
}

} // namespace gantry::runtime_linux
