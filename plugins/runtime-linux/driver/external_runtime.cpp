#include "driver/external_runtime.hpp"

#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <sstream>

namespace gantry::runtime_linux {
namespace {

/// The shim starts it without an environment, so that the name is looked up here.
std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const char* path = std::getenv("PATH");
  std::istringstream directories(path ? path : "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  for (std::string directory; std::getline(directories, directory, ':');) {
    const std::string candidate = directory + "/" + name;
    if (directory.starts_with('/') && ::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return name;
}

/// JSON text around the value of "user", which is known only where the root filesystem is mounted.
struct AroundUser {
  std::string before, after;
};

/// `process` as text with its user left out. An object's text ends in "}", what follows its "{" is taken over.
AroundUser split_at_user(Json process) {
  process.erase("user");
  const std::string rest = process.dump();
  return {"{\"user\":", (process.empty() ? "" : ",") + rest.substr(1)};
}

Json complete_process(Json process, const StdioPolicy& stdio) {
  process["terminal"] = stdio.tty;
  if (stdio.tty && (stdio.rows || stdio.cols)) process["consoleSize"] = {{"height", stdio.rows}, {"width", stdio.cols}};
  return process;
}

/// Who the process is, for the shim; everything else about it is the runtime's.
void compile_identity(PlanWriter& plan, const Json& process, const std::string& user, const std::vector<std::string>& groups,
                      const StdioPolicy& stdio) {
  Json part{{"args", Json::array()}, {"cwd", "/"}};
  if (process.contains("user")) part["user"] = process["user"];
  compile_process(plan, part, Json(), user, groups, stdio);
}

/// The container's root, who is nobody special here, walks through these directories. What is in there stays the engine's.
void open_the_way(const RunDir& directory) {
  const std::filesystem::path own = directory.path();
  for (const std::filesystem::path& path : {own.parent_path(), own})
    if (::chmod(path.c_str(), 0711) < 0) throw Error(Code::internal, "open " + path.string() + " to the container's root", errno);
}

bool is_mapped(const Json& mount) {
  const Json options = mount.value("options", Json::array());
  return std::any_of(options.begin(), options.end(), [](const Json& o) { return o == "idmap" || o == "ridmap"; });
}

/// Few runtimes can map the owners of binds (crun can, runc since 1.2): the shim mounts those in the bundle, and the runtime
/// binds them from there.
std::vector<PlanMount> take_mapped_binds(PlanWriter& plan, Json& spec, const RunDir& directory) {
  Json mapped = Json::array();
  for (Json& mount : spec["mounts"]) {
    if (!is_mapped(mount)) continue;
    Json inner = mount;
    inner["destination"] = directory.path() + "/binds/" + std::to_string(mapped.size());
    mount["source"] = inner["destination"];
    Json rest = Json::array();
    for (const Json& option : mount["options"])
      if (option != "idmap" && option != "ridmap") rest.push_back(option);
    mount["options"] = rest;
    mapped.push_back(std::move(inner));
  }
  return compile_mounts(plan, mapped);
}

} // namespace

std::map<std::string, ExternalRuntime> parse_runtimes(const std::string& config_json) {
  std::map<std::string, ExternalRuntime> runtimes;
  const Json config = config_json.empty() ? Json::object() : parse_json(config_json, "configuration");
  if (!config.contains("runtimes")) return runtimes;
  try {
    for (const auto& [name, entry] : config["runtimes"].items()) {
      ExternalRuntime& runtime = runtimes[name];
      runtime.path = find_program(entry.at("path").get<std::string>());
      if (entry.contains("runtimeArgs")) runtime.arguments = entry["runtimeArgs"].get<std::vector<std::string>>();
    }
  } catch (const Json::exception& problem) {
    throw Error(Code::invalid, std::string("runtimes: ") + problem.what());
  }
  return runtimes;
}

void compile_external_container(PlanWriter& plan, const RuntimeCreate& request, const Json& spec, const RunDir& directory,
                                const ExternalRuntime& runtime, const Hierarchies& hierarchies, const std::string& cgroup_path) {
  const Json linux_part = spec.value("linux", Json::object());
  Plan& head = plan.head();
  compile_identity(plan, spec.at("process"), request.user, request.groups, request.stdio);
  compile_namespaces(plan, linux_part);
  compile_id_maps(plan, linux_part);
  compile_log(plan, request.log);
  compile_mount_label(plan, linux_part);
  head.staging = plan.string(directory.staging());
  head.rootfs = plan.array(compile_rootfs(plan, request.rootfs));
  Json rest = spec;
  rest.erase("process");
  rest["root"]["path"] = directory.staging();
  rest["linux"]["cgroupsPath"] = cgroup_path;
  if (head.uid_map.count) {
    open_the_way(directory);
    head.mounts = plan.array(take_mapped_binds(plan, rest, directory));
  }
  AroundUser text = split_at_user(complete_process(spec.at("process"), request.stdio));
  head.runtime.path = plan.string(runtime.path);
  head.runtime.arguments = plan.strings(runtime.arguments);
  head.runtime.bundle = plan.string(directory.path());
  // crun refuses v1 hosts whose v2 tree has controllers too; none of these containers is limited there.
  if (hierarchies.version == 1) head.runtime.hidden = plan.string(hierarchies.v2);
  head.runtime.before_user = plan.string("{\"process\":" + text.before);
  head.runtime.after_user = plan.string(text.after + "," + rest.dump().substr(1));
}

void compile_external_exec(PlanWriter& plan, const RuntimeExec& request) {
  const Json process = parse_json(request.oci_process_json, "exec process");
  compile_identity(plan, process, request.user, request.groups, request.stdio);
  const AroundUser text = split_at_user(complete_process(process, request.stdio));
  plan.head().runtime.before_user = plan.string(text.before);
  plan.head().runtime.after_user = plan.string(text.after);
}

} // namespace gantry::runtime_linux
