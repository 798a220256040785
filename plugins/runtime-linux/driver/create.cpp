#include <unistd.h>
#include <cerrno>
#include <cstring>

#include "driver/compile_plan.hpp"
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
  compile_container(plan, request, spec, directory.staging());
  plan.head().id = plan.string(request.id);
  describe_cgroup(plan, cgroup);
  const std::vector<char>& bytes = plan.finish();
  const UniqueFd file = memory_file("plan", bytes.data(), bytes.size());

  // Whoever cleans up after a crash of the engine must know which cgroup there may be.
  directory.write_state({request.id, cgroup.path(), 0});
  cgroup.create(resources_of(spec));
  try {
    const UniqueFd place = directory.open();
    send_request(shim.connection.get(), request_for(ControlOp::create), {file.get(), place.get()});
    const ShimReply reply = receive_reply(shim.connection.get(), call);
    check_reply(reply);
    const ContainerState state{request.id, cgroup.path(), reply.pid};
    directory.write_state(state);
    return {reply.pid, std::move(shim.connection), state.to_json()};
  } catch (...) {
    shim.connection.reset();
    kill_shim(directory);
    cgroup.remove(true);
    throw;
  }
}

void LinuxDriver::start(Call& call, const std::string& id) {
  try {
    check_reply(request(call, id, request_for(ControlOp::start)));
  } catch (const Error& problem) {
    // Only a verdict about the program ends the container; "not found" and "started already" change nothing.
    if (!problem.reason().empty() || problem.code() == Code::unavailable) destroy(call, run_dir(id));
    throw;
  }
}

} // namespace gantry::runtime_linux
