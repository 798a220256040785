#include <filesystem>

#include "base/time.hpp"
#include "containers/machine.hpp"
#include "system/system_service.hpp"

namespace gantry::system {

namespace {

using containers::Phase;

std::int64_t entries(const char* directory) {
  std::error_code failed;
  return std::distance(std::filesystem::directory_iterator(directory, failed), {});
}

void add_containers(Json& info, const containers::ContainerService& service) {
  std::int64_t running = 0, paused = 0, stopped = 0;
  for (const auto& container : service.list()) {
    const auto phase = container->phase;
    // Docker counts what is between two runs as running.
    if (phase == Phase::running || phase == Phase::restarting)
      ++running;
    else if (phase == Phase::paused)
      ++paused;
    else
      ++stopped;
  }
  info["Containers"] = running + paused + stopped;
  info["ContainersRunning"] = running;
  info["ContainersPaused"] = paused;
  info["ContainersStopped"] = stopped;
}

void add_drivers(Json& info, const DriverFacts& drivers) {
  info["Driver"] = drivers.storage;
  info["DriverStatus"] = Json::array();
  for (const auto& [name, value] : drivers.storage_status) info["DriverStatus"].push_back(Json::array({name, value}));
  info["Plugins"] = {
      {"Volume", drivers.volumes}, {"Network", drivers.networks}, {"Authorization", nullptr}, {"Log", drivers.logs}};
}

void add_limits(Json& info, const containers::Machine& machine) {
  info["MemoryLimit"] = machine.memory;
  info["SwapLimit"] = machine.swap;
  info["KernelMemory"] = false;
  if (machine.kernel_memory_tcp) info["KernelMemoryTCP"] = true;
  info["CpuCfsPeriod"] = machine.cpu_quota;
  info["CpuCfsQuota"] = machine.cpu_quota;
  info["CPUShares"] = machine.cpu_shares;
  info["CPUSet"] = machine.cpuset;
  info["PidsLimit"] = machine.pids;
  info["IPv4Forwarding"] = ipv4_forwarding();
  info["BridgeNfIptables"] = false;
  info["BridgeNfIp6tables"] = false;
  info["OomKillDisable"] = machine.oom_kill_disable;
}

void add_host(Json& info, const HostFacts& host) {
  info["KernelVersion"] = host.kernel;
  info["OperatingSystem"] = host.os_name;
  info["OSVersion"] = host.os_version;
  info["OSType"] = "linux";
  info["Architecture"] = host.machine;
  info["NCPU"] = host.cpus;
  info["MemTotal"] = host.memory;
  info["Name"] = host.name;
  info["CgroupDriver"] = "cgroupfs";
  info["CgroupVersion"] = std::to_string(host.cgroup_version);
}

/// In Docker's order.
void add_security(Json& info, const HostFacts& host, const config::Config& config, const DriverFacts& drivers) {
  Json options = Json::array();
  if (host.apparmor) options.push_back("name=apparmor");
  if (host.seccomp) options.push_back("name=seccomp,profile=" + config.seccomp_profile);
  if (drivers.selinux) options.push_back("name=selinux");
  if (!config.userns_remap.empty()) options.push_back("name=userns");
  if (host.cgroup_version == 2) options.push_back("name=cgroupns");
  if (config.no_new_privileges) options.push_back("name=no-new-privileges");
  info["SecurityOptions"] = std::move(options);
}

void add_registries(Json& info, const config::Config& config) {
  Json indexes = {
      {"docker.io", {{"Name", "docker.io"}, {"Mirrors", config.registry_mirrors}, {"Secure", true}, {"Official", true}}}};
  Json networks = Json::array({"::1/128", "127.0.0.0/8"});
  for (const auto& registry : config.insecure_registries) {
    if (registry.find('/') != std::string::npos)
      networks.push_back(registry);
    else
      indexes[registry] = {{"Name", registry}, {"Mirrors", Json::array()}, {"Secure", false}, {"Official", false}};
  }
  info["IndexServerAddress"] = "https://index.docker.io/v1/";
  info["RegistryConfig"] = {{"AllowNondistributableArtifactsCIDRs", nullptr},
                            {"AllowNondistributableArtifactsHostnames", nullptr},
                            {"InsecureRegistryCIDRs", networks},
                            {"IndexConfigs", indexes},
                            {"Mirrors", config.registry_mirrors.empty() ? Json(nullptr) : Json(config.registry_mirrors)}};
}

/// "http://user:password@host" → "http://xxxxx:xxxxx@host", as dockerd shows it.
std::string without_password(const std::string& url) {
  const auto scheme = url.find("://"), at = url.rfind('@');
  if (scheme == std::string::npos || at == std::string::npos || at < scheme) return url;
  return url.substr(0, scheme + 3) + "xxxxx:xxxxx" + url.substr(at);
}

void add_config(Json& info, const config::Config& config) {
  info["Debug"] = config.debug;
  info["LoggingDriver"] = config.log_driver;
  info["DockerRootDir"] = config.data_root;
  info["HttpProxy"] = without_password(config.http_proxy);
  info["HttpsProxy"] = without_password(config.https_proxy);
  info["NoProxy"] = config.no_proxy;
  info["Labels"] = config.labels;
  info["ExperimentalBuild"] = config.experimental;
  info["LiveRestoreEnabled"] = config.live_restore;
  info["CDISpecDirs"] = config.cdi_spec_dirs;
}

void add_runtimes(Json& info, const config::Config& config, const DriverFacts& drivers) {
  // Docker's names are accepted for ours, so clients that look for them find them.
  for (const char* name : {"gantry", "runc", "io.containerd.runc.v2"}) info["Runtimes"][name] = {{"path", "gantry-shim"}};
  for (const auto& [name, runtime] : config.runtimes) {
    info["Runtimes"][name] = {{"path", runtime.path}};
    if (!runtime.arguments.empty()) info["Runtimes"][name]["runtimeArgs"] = runtime.arguments;
  }
  info["DefaultRuntime"] = config.default_runtime;
  info["InitBinary"] = drivers.init_binary;
  const Json commit = {{"ID", ""}};
  info["ContainerdCommit"] = info["RuncCommit"] = info["InitCommit"] = commit;
}

void add_constants(Json& info) {
  info["Isolation"] = "";
  info["GenericResources"] = nullptr;
  info["NEventsListener"] = 0;
  info["FirewallBackend"] = {{"Driver", "nftables"}};
  info["Swarm"] = {{"NodeID", ""}, {"NodeAddr", ""},           {"LocalNodeState", "inactive"}, {"ControlAvailable", false},
                   {"Error", ""},  {"RemoteManagers", nullptr}};
}

/// In Docker's words. What no cgroup of the version can do is not complained about.
std::vector<std::string> missing_limits(const containers::Machine& machine) {
  const bool v2 = machine.cgroup_version == 2;
  const struct {
    bool there;
    const char* what;
  } limits[] = {{machine.memory, "memory limit"},
                {machine.swap, "swap limit"},
                {machine.kernel_memory_tcp || v2, "kernel memory TCP limit"},
                {machine.oom_kill_disable || v2, "oom kill disable"},
                {machine.cpu_quota, "cpu cfs quota"},
                {machine.cpu_quota, "cpu cfs period"},
                {machine.cpu_shares, "cpu shares"},
                {machine.cpuset, "cpuset"},
                {machine.io_weight || !v2, "io.weight"},
                {machine.io_weight_device || !v2, "io.weight (per device)"},
                {machine.io_read_bps, v2 ? "io.max (rbps)" : "blkio throttle.read_bps_device"},
                {machine.io_write_bps, v2 ? "io.max (wbps)" : "blkio throttle.write_bps_device"},
                {machine.io_read_iops, v2 ? "io.max (riops)" : "blkio throttle.read_iops_device"},
                {machine.io_write_iops, v2 ? "io.max (wiops)" : "blkio throttle.write_iops_device"}};
  std::vector<std::string> missing;
  for (const auto& [there, what] : limits)
    if (!there) missing.emplace_back(what);
  return missing;
}

/// Who can reach an open TCP port is root on this machine.
void add_warnings(Json& info, const config::Config& config, const DriverFacts& drivers, const containers::Machine& machine) {
  std::vector<std::string> warnings;
  for (const auto& host : config.hosts) {
    const bool local = host.starts_with("unix://") || host.starts_with("tcp://127.") || host.starts_with("tcp://[::1]") ||
                       host.starts_with("tcp://localhost:");
    if (!local)
      warnings.push_back("WARNING: API is accessible on " + host +
                         " without encryption and authentication: that is root access to this host");
  }
  for (const std::string& limit : missing_limits(machine)) warnings.push_back("WARNING: No " + limit + " support");
  for (const auto* list : {&config.warnings, &drivers.warnings}) {
    for (const auto& sentence : *list) warnings.push_back("WARNING: " + sentence);
  }
  info["Warnings"] = warnings.empty() ? Json() : Json(warnings);
}

} // namespace

SystemService::SystemService(std::string id, const config::Current& config, containers::ContainerService& containers,
                             images::ImageService& images, DriverFacts drivers)
    : id_(std::move(id)),
      config_(config),
      containers_(containers),
      images_(images),
      drivers_(std::move(drivers)),
      host_(read_host_facts()) {}

Json SystemService::info(const ApiFacts& api) const {
  const auto config = config_.get();
  Json info = {{"ID", id_}};
  add_containers(info, containers_);
  info["Images"] = images_.list().size();
  add_drivers(info, drivers_);
  const auto machine = containers::this_machine(static_cast<unsigned>(host_.cgroup_version));
  add_limits(info, machine);
  info["NFd"] = entries("/proc/self/fd");
  info["NGoroutines"] = entries("/proc/self/task");
  info["SystemTime"] = rfc3339_nano(now_ns());
  add_host(info, host_);
  add_security(info, host_, *config, drivers_);
  add_registries(info, *config);
  add_config(info, *config);
  info["ServerVersion"] = api.engine_version;
  add_runtimes(info, *config, drivers_);
  add_constants(info);
  add_warnings(info, *config, drivers_, machine);
  return info;
}

} // namespace gantry::system
