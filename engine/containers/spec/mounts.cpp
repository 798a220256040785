#include "containers/spec/mounts.hpp"

#include <algorithm>
#include <filesystem>

#include "containers/spec/security_options.hpp"

namespace gantry::containers {
namespace {

constexpr std::int64_t default_shm_size = 64 << 20;

Json mount(const char* target, const char* type, const char* source, StringList options) {
  return {{"destination", target}, {"type", type}, {"source", source}, {"options", std::move(options)}};
}

/// /sys and cgroups are read-only unless the container may do everything anyway.
StringList kernel_options(bool writable) { return {"nosuid", "noexec", "nodev", writable ? "rw" : "ro"}; }

std::vector<Json> default_mounts(const HostConfig& host) {
  const bool writable_cgroups = host.privileged || parse_security_options(host.security_opt).writable_cgroups;
  const bool writable_sys = host.privileged && !host.readonly_rootfs;
  return {mount("/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}),
          mount("/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}),
          mount("/dev/pts", "devpts", "devpts", {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}),
          mount("/sys", "sysfs", "sysfs", kernel_options(writable_sys)),
          mount("/sys/fs/cgroup", "cgroup", "cgroup", kernel_options(writable_cgroups)),
          mount("/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"})};
}

/// A program that handles labels itself asks the kernel there; without it, it takes SELinux for switched off.
void add_selinux_files(std::vector<Json>& mounts, const HostConfig& host, const SpecContext& context) {
  const StringList labels = parse_security_options(host.security_opt).labels;
  if (!context.selinux || std::find(labels.begin(), labels.end(), "nested") == labels.end()) return;
  mounts.push_back(mount("/sys/fs/selinux", "bind", "/sys/fs/selinux", {"bind", "nosuid", "noexec", "nodev", "rprivate"}));
}

std::string destination(const Json& mount) {
  std::string target = std::filesystem::path(mount.value("destination", "")).lexically_normal();
  if (target.size() > 1 && target.back() == '/') target.pop_back();
  return target;
}

bool holds(const std::vector<Json>& mounts, const std::string& target) {
  return std::any_of(mounts.begin(), mounts.end(), [&](const Json& mount) { return destination(mount) == target; });
}

void add_shm(std::vector<Json>& mounts, const HostConfig& host, const SpecContext& context) {
  if (host.ipc_mode == "none") return;
  if (host.ipc_mode == "host") return mounts.push_back(mount("/dev/shm", "bind", "/dev/shm", {"rbind", "rprivate"}));
  if (!context.shm_ns_path.empty()) {
    // POSIX shared memory lives in files: an IPC namespace alone would not share it.
    return mounts.push_back(mount("/dev/shm", "bind", "/dev/shm", {"bind", "rprivate", "gantry.mntns=" + context.shm_ns_path}));
  }
  const std::int64_t size = host.shm_size > 0 ? host.shm_size : default_shm_size;
  mounts.push_back(mount("/dev/shm", "tmpfs", "shm", {"nosuid", "noexec", "nodev", "mode=1777", "size=" + std::to_string(size)}));
}

void add_file(std::vector<Json>& mounts, const char* target, const std::string& source, bool readonly) {
  if (source.empty() || holds(mounts, target)) return;
  StringList options = {"rbind", "rprivate"};
  if (readonly) options.insert(options.begin() + 1, "ro");
  mounts.push_back(mount(target, "bind", source.c_str(), options));
}

/// The engine's own files are root's in the container, whoever that is outside; a user's "idmap" has no meaning without maps.
void map_owners(std::vector<Json>& mounts, const SpecContext& context) {
  for (auto& mount : mounts) {
    const auto& source = mount["source"];
    const bool own = source == context.hosts_path || source == context.hostname_path || source == context.resolv_conf_path ||
                     source == context.dockerenv_path;
    StringList options = mount["options"].get<StringList>();
    std::erase_if(options, [&](const std::string& option) { return option == "ridmap" && context.id_maps.empty(); });
    if (own && !context.id_maps.empty()) options.emplace_back("idmap");
    mount["options"] = std::move(options);
  }
}

std::vector<Json> user_mounts(const HostConfig& host, const SpecContext& context) {
  std::vector<Json> mounts = context.mounts;
  for (const auto& [target, options] : host.tmpfs) {
    if (!holds(mounts, target)) mounts.push_back(mount(target.c_str(), "tmpfs", "tmpfs", tmpfs_options(options)));
  }
  add_file(mounts, "/etc/resolv.conf", context.resolv_conf_path, host.readonly_rootfs);
  add_file(mounts, "/etc/hostname", context.hostname_path, host.readonly_rootfs);
  add_file(mounts, "/etc/hosts", context.hosts_path, host.readonly_rootfs);
  add_file(mounts, "/.dockerenv", context.dockerenv_path, true);
  map_owners(mounts, context);
  const auto depth = [](const Json& mount) {
    const std::string target = destination(mount);
    return target == "/" ? 0 : std::count(target.begin(), target.end(), '/');
  };
  std::stable_sort(mounts.begin(), mounts.end(), [&](const Json& a, const Json& b) { return depth(a) < depth(b); });
  return mounts;
}

/// The user's mount, or one that the user put over the whole of /dev.
bool is_replaced(const Json& mount, const std::vector<Json>& user) {
  const std::string target = destination(mount);
  return holds(user, target) || (target.starts_with("/dev/") && holds(user, "/dev"));
}

} // namespace

Json make_mounts(const HostConfig& host, const SpecContext& context, bool with_init) {
  std::vector<Json> defaults = default_mounts(host);
  add_selinux_files(defaults, host, context);
  add_shm(defaults, host, context);
  const std::vector<Json> user = user_mounts(host, context);
  Json result = Json::array();
  for (auto& mount : defaults) {
    if (!is_replaced(mount, user)) result.push_back(std::move(mount));
  }
  for (const auto& mount : user) result.push_back(mount);
  if (with_init) result.push_back(mount("/sbin/docker-init", "bind", context.init_path.c_str(), {"bind", "ro"}));
  return result;
}

} // namespace gantry::containers
