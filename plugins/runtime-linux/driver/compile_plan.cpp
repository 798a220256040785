#include "driver/compile_plan.hpp"

#include <sched.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <cstdio>
#include <map>
#include <utility>

namespace gantry::runtime_linux {
namespace {

struct DeviceNode {
  const char* path;
  unsigned major, minor;
};

/// What every container has, whatever its spec says (OCI runtime-spec, config-linux.md, "Default Devices").
constexpr DeviceNode default_devices[] = {{"/dev/null", 1, 3},   {"/dev/zero", 1, 5},    {"/dev/full", 1, 7},
                                          {"/dev/random", 1, 8}, {"/dev/urandom", 1, 9}, {"/dev/tty", 5, 0}};

std::uint64_t namespace_flag(const std::string& type) {
  static const std::map<std::string, std::uint64_t> types{
      {"pid", CLONE_NEWPID},     {"mount", CLONE_NEWNS},  {"ipc", CLONE_NEWIPC},      {"uts", CLONE_NEWUTS},
      {"network", CLONE_NEWNET}, {"user", CLONE_NEWUSER}, {"cgroup", CLONE_NEWCGROUP}};
  const auto found = types.find(type);
  if (found == types.end()) throw Error(Code::invalid, "unknown namespace type \"" + type + "\"");
  return found->second;
}

const Json& member(const Json& object, const char* name) {
  static const Json absent;
  return object.is_object() && object.contains(name) ? object[name] : absent;
}

std::string text_of(const Json& object, const char* name) {
  const Json& value = member(object, name);
  return value.is_string() ? value.get<std::string>() : "";
}

std::vector<std::string> list_of(const Json& object, const char* name) {
  const Json& value = member(object, name);
  return value.is_array() ? value.get<std::vector<std::string>>() : std::vector<std::string>{};
}

Slice compile_id_map(PlanWriter& plan, const Json& mappings) {
  std::vector<PlanIdMap> ranges;
  for (const Json& each : mappings)
    ranges.push_back({each.at("containerID").get<std::uint32_t>(), each.at("hostID").get<std::uint32_t>(),
                      each.at("size").get<std::uint32_t>()});
  return plan.array(ranges);
}

bool is_user_namespace_missing() { return ::access("/proc/self/ns/user", F_OK) != 0; }

std::uint32_t device_type(const std::string& type) {
  if (type == "c" || type == "u") return S_IFCHR;
  if (type == "b") return S_IFBLK;
  if (type == "p") return S_IFIFO;
  throw Error(Code::invalid, "unknown device type \"" + type + "\"");
}

Slice compile_devices(PlanWriter& plan, const Json& devices) {
  std::vector<PlanDevice> nodes;
  for (const DeviceNode& each : default_devices)
    nodes.push_back({plan.string(each.path), S_IFCHR | 0666, each.major, each.minor, 0, 0});
  for (const Json& each : devices) {
    const auto path = each.at("path").get<std::string>();
    bool known = false;
    for (const DeviceNode& one : default_devices) known |= path == one.path;
    if (known) continue;
    PlanDevice node;
    node.path = plan.string(path);
    node.mode = device_type(each.at("type")) | (each.value("fileMode", 0666U) & 07777);
    node.major = each.value("major", 0U);
    node.minor = each.value("minor", 0U);
    node.uid = each.value("uid", 0U);
    node.gid = each.value("gid", 0U);
    nodes.push_back(node);
  }
  return plan.array(nodes);
}

Slice compile_sysctls(PlanWriter& plan, const Json& sysctls) {
  std::vector<PlanPair> pairs;
  for (const auto& [key, value] : sysctls.items()) pairs.push_back({plan.string(key), plan.string(value.get<std::string>())});
  return plan.array(pairs);
}

} // namespace

void compile_namespaces(PlanWriter& plan, const Json& linux_part) {
  std::vector<PlanNamespacePath> joined;
  std::uint64_t created = 0;
  for (const Json& each : member(linux_part, "namespaces")) {
    const std::uint64_t flag = namespace_flag(each.at("type"));
    const std::string path = text_of(each, "path");
    if (path.empty())
      created |= flag;
    else
      joined.push_back({static_cast<std::uint32_t>(flag), plan.string(path)});
  }
  if (!(created & CLONE_NEWNS)) throw Error(Code::invalid, "the container needs a mount namespace of its own");
  plan.head().namespaces = created;
  plan.head().joined_namespaces = plan.array(joined);
}

void compile_log(PlanWriter& plan, const LogPolicy& policy) {
  PlanLog& log = plan.head().log;
  if (policy.format == "none" || policy.format.empty()) return;
  if (policy.format != "json-file")
    throw Error(Code::invalid, "unknown log format \"" + policy.format + "\": \"json-file\" and \"none\" are possible");
  log.enabled = 1;
  log.max_bytes = policy.max_bytes;
  log.max_files = policy.max_files;
  log.path = plan.string(policy.path);
  plan.head().log_flags = (policy.exact ? plan_log_exact : 0U) | (policy.counted ? plan_log_counted : 0U);
  if (!policy.attrs_json.empty()) plan.head().log_attrs = plan.string(policy.attrs_json);
}

/// Overlay takes mapped layers since Linux 5.19.
bool can_map_owners() {
  utsname system{};
  int major = 0, minor = 0;
  if (::uname(&system) != 0 || std::sscanf(system.release, "%d.%d", &major, &minor) != 2) return false;
  return std::pair(major, minor) >= std::pair(5, 19) && !is_user_namespace_missing();
}

void compile_id_maps(PlanWriter& plan, const Json& linux_part) {
  Plan& head = plan.head();
  head.uid_map = compile_id_map(plan, member(linux_part, "uidMappings"));
  head.gid_map = compile_id_map(plan, member(linux_part, "gidMappings"));
  if ((head.uid_map.count || head.gid_map.count) && !can_map_owners())
    throw Error(Code::not_implemented, "a user namespace needs overlay layers with mapped owners: Linux 5.19 or newer");
  if (!head.uid_map.count != !head.gid_map.count)
    throw Error(Code::invalid, "linux.uidMappings and linux.gidMappings come together or not at all");
}

void compile_mount_label(PlanWriter& plan, const Json& linux_part) {
  plan.head().mount_label = plan.string(text_of(linux_part, "mountLabel"));
}

Json parse_json(const std::string& text, const char* what) {
  try {
    return Json::parse(text);
  } catch (const Json::exception& problem) {
    throw Error(Code::invalid, std::string(what) + ": " + problem.what());
  }
}

void compile_container(PlanWriter& plan, const RuntimeCreate& request, const Json& spec, const std::string& staging) {
  const Json& linux_part = member(spec, "linux");
  Plan& head = plan.head();
  compile_process(plan, spec.at("process"), member(linux_part, "seccomp"), request.user, request.groups, request.stdio);
  compile_namespaces(plan, linux_part);
  compile_id_maps(plan, linux_part);
  head.staging = plan.string(staging);
  head.rootfs = plan.array(compile_rootfs(plan, request.rootfs));
  head.mounts = plan.array(compile_mounts(plan, member(spec, "mounts")));
  head.devices = compile_devices(plan, member(linux_part, "devices"));
  head.masked = plan.strings(list_of(linux_part, "maskedPaths"));
  head.readonly = plan.strings(list_of(linux_part, "readonlyPaths"));
  head.sysctls = compile_sysctls(plan, member(linux_part, "sysctl"));
  head.hostname = plan.string(text_of(spec, "hostname"));
  head.domainname = plan.string(text_of(spec, "domainname"));
  head.root_propagation = propagation_flags(text_of(linux_part, "rootfsPropagation"));
  const Json& readonly = member(member(spec, "root"), "readonly");
  head.readonly_root = readonly.is_boolean() && readonly.get<bool>();
  compile_log(plan, request.log);
  compile_mount_label(plan, linux_part);
}

} // namespace gantry::runtime_linux
