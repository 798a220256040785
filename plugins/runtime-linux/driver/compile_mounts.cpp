#include <sys/mount.h>
#include <map>

#include "driver/compile_plan.hpp"

namespace gantry::runtime_linux {
namespace {

struct OptionEffect {
  std::uint32_t set = 0, clear = 0;
  bool recursive_attr = false;
};

/// Options that are attributes of the mount rather than of the filesystem (mount_setattr(2)).
const std::map<std::string, OptionEffect>& attribute_options() {
  static const std::map<std::string, OptionEffect> options = [] {
    std::map<std::string, OptionEffect> all{
        {"ro", {MOUNT_ATTR_RDONLY, 0}},
        {"rw", {0, MOUNT_ATTR_RDONLY}},
        {"nosuid", {MOUNT_ATTR_NOSUID, 0}},
        {"suid", {0, MOUNT_ATTR_NOSUID}},
        {"nodev", {MOUNT_ATTR_NODEV, 0}},
        {"dev", {0, MOUNT_ATTR_NODEV}},
        {"noexec", {MOUNT_ATTR_NOEXEC, 0}},
        {"exec", {0, MOUNT_ATTR_NOEXEC}},
        {"nodiratime", {MOUNT_ATTR_NODIRATIME, 0}},
        {"diratime", {0, MOUNT_ATTR_NODIRATIME}},
        {"noatime", {MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME}},
        {"strictatime", {MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME}},
        {"relatime", {0, MOUNT_ATTR__ATIME}},
        {"atime", {0, MOUNT_ATTR__ATIME}},
        {"nosymfollow", {MOUNT_ATTR_NOSYMFOLLOW, 0}},
        {"defaults", {}},
    };
    for (const auto& [name, effect] : std::map(all))
      if (name != "defaults") all["r" + name] = {effect.set, effect.clear, true};
    return all;
  }();
  return options;
}

bool apply_attribute(const std::string& option, PlanMount& mount) {
  // "rrelatime"-like names exist, but "rw" and "ro" are their own words.
  const auto found = attribute_options().find(option);
  if (found == attribute_options().end()) return false;
  const OptionEffect& effect = found->second;
  mount.attr_set = (mount.attr_set & ~effect.clear) | effect.set;
  mount.attr_clear = (mount.attr_clear & ~effect.set) | effect.clear;
  if (effect.recursive_attr) mount.recursive_attr = 1;
  return true;
}

/// Ours: a bind's source is looked up in this mount namespace.
constexpr std::string_view namespace_option = "gantry.mntns=";

PlanMount compile_one(PlanWriter& plan, const Mount& source) {
  PlanMount mount;
  std::vector<std::string> options;
  bool bind = source.type == "bind";
  for (const std::string& option : source.options) {
    if (option == "bind" || option == "rbind") {
      bind = true;
      mount.recursive = option == "rbind";
    } else if (option.starts_with(namespace_option)) {
      mount.mount_namespace = plan.string(std::string_view(option).substr(namespace_option.size()));
    } else if (option == "idmap" || option == "ridmap") {
      mount.idmap = option == "idmap" ? IdMapped::yes : IdMapped::recursive;
    } else if (const std::uint32_t propagation = propagation_flags(option)) {
      mount.propagation = propagation;
    } else if (!apply_attribute(option, mount) && !option.empty()) {
      options.push_back(option);
    }
  }
  if (bind)
    mount.kind = MountKind::bind;
  else if (source.type == "cgroup" || source.type == "cgroup2")
    mount.kind = MountKind::cgroup;
  mount.type = plan.string(source.type);
  mount.source = plan.string(source.source);
  mount.target = plan.string(source.target);
  if (mount.kind == MountKind::filesystem) mount.options = plan.strings(options);
  return mount;
}

} // namespace

std::uint32_t propagation_flags(const std::string& name) {
  static const std::map<std::string, std::uint32_t> names{{"shared", MS_SHARED},         {"rshared", MS_SHARED | MS_REC},
                                                          {"slave", MS_SLAVE},           {"rslave", MS_SLAVE | MS_REC},
                                                          {"private", MS_PRIVATE},       {"rprivate", MS_PRIVATE | MS_REC},
                                                          {"unbindable", MS_UNBINDABLE}, {"runbindable", MS_UNBINDABLE | MS_REC}};
  const auto found = names.find(name);
  return found == names.end() ? 0 : found->second;
}

std::vector<PlanMount> compile_rootfs(PlanWriter& plan, const std::vector<Mount>& mounts) {
  std::vector<PlanMount> compiled;
  for (const Mount& mount : mounts) compiled.push_back(compile_one(plan, mount));
  return compiled;
}

std::vector<PlanMount> compile_mounts(PlanWriter& plan, const Json& mounts) {
  std::vector<PlanMount> compiled;
  for (const Json& each : mounts) {
    Mount mount;
    mount.type = each.value("type", "");
    mount.source = each.value("source", "");
    mount.target = each.at("destination").get<std::string>();
    if (each.contains("options") && each["options"].is_array()) mount.options = each["options"].get<std::vector<std::string>>();
    if (mount.target.empty() || mount.target[0] != '/')
      throw Error(Code::invalid, "mount destination \"" + mount.target + "\" is not absolute");
    compiled.push_back(compile_one(plan, mount));
  }
  return compiled;
}

} // namespace gantry::runtime_linux
