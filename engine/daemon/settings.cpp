#include "daemon/settings.hpp"

#include <grp.h>
#include <filesystem>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "base/error.hpp"
#include "base/file.hpp"
#include "containers/grantable_ulimits.hpp"
#include "containers/selinux/kernel.hpp"
#include "containers/spec/seccomp.hpp"
#include "daemon/subordinate_ids.hpp"
#include "volumes/docker_plugin.hpp"

namespace gantry::daemon {

namespace {

constexpr std::size_t max_profile = 4 << 20;

/// The text of the daemon's profile; a bad one must not wait for the first container.
std::string seccomp_profile(const std::string& setting) {
  if (setting == "builtin") return "";
  if (setting == "unconfined") return setting;
  try {
    std::string text = read_file(setting, max_profile);
    (void)containers::resolve_seccomp_profile(text, {});
    return text;
  } catch (const Error& e) {
    throw e.context("opening seccomp profile (" + setting + ") failed");
  }
}

/// The group that may use the socket when none is configured.
std::string default_group() {
  for (const char* name : {"gantry", "docker"}) {
    if (::getgrnam(name)) return name;
  }
  return "";
}

/// dockerd's places: given, or of this name in ~/.docker.
std::string pem_file(const std::string& given, const char* name) {
  if (!given.empty()) return given;
  const char* home = std::getenv("HOME");
  return std::string(home == nullptr || *home == '\0' ? "/root" : home) + "/.docker/" + name;
}

std::optional<api::TlsFiles> tls_files(const config::Config& config) {
  if (!config.tls && !config.tls_verify) return std::nullopt;
  return api::TlsFiles{pem_file(config.tls_cert, "cert.pem"), pem_file(config.tls_key, "key.pem"),
                       config.tls_verify ? pem_file(config.tls_ca, "ca.pem") : ""};
}

} // namespace

containers::RuntimeNames runtime_names(const config::Config& config) {
  containers::RuntimeNames names{config.default_runtime, {}};
  for (const auto& [name, runtime] : config.runtimes) names.external.push_back(name);
  return names;
}

Json runtime_driver_config(const config::Config& config) {
  Json runtimes = Json::object();
  for (const auto& [name, external] : config.runtimes)
    runtimes[name] = {{"path", external.path}, {"runtimeArgs", external.arguments}};
  return {{"runtimes", std::move(runtimes)}};
}

containers::Defaults container_defaults(const config::Config& config, const InstallTree& tree) {
  containers::Defaults defaults;
  defaults.instance = config.instance;
  defaults.cgroup_parent = config.cgroup_parent;
  defaults.log_driver = config.log_driver;
  defaults.log_opts = config.log_opts;
  defaults.stop_timeout_s = config.stop_timeout_s;
  defaults.shm_size = config.shm_size;
  for (const auto& limit : config.ulimits) defaults.ulimits.push_back({limit.name, limit.hard, limit.soft});
  defaults.ulimits = containers::grantable_ulimits(std::move(defaults.ulimits));
  defaults.init = config.init;
  defaults.init_path = config.init_path.empty() ? tree.libexec + "/gantry-init" : config.init_path;
  defaults.no_new_privileges = config.no_new_privileges;
  defaults.runtimes = runtime_names(config);
  defaults.cdi_spec_dirs = config.cdi_spec_dirs;
  defaults.hooks_dirs = config.hooks_dirs;
  defaults.cgroupns_mode = config.cgroupns_mode;
  defaults.ipc_mode = config.ipc_mode;
  defaults.seccomp_profile = seccomp_profile(config.seccomp_profile);
  if (!config.userns_remap.empty()) defaults.remapped_ids = remapped_ids(config.userns_remap);
  defaults.userns_auto = userns_auto_space();
  if (config.selinux_enabled) defaults.selinux = containers::selinux::find_policy();
  defaults.dns = config.dns;
  defaults.dns_search = config.dns_search;
  defaults.dns_options = config.dns_options;
  return defaults;
}

networks::Settings network_settings(const config::Config& config, const InstallTree& tree, const state::Paths& paths) {
  networks::Settings settings;
  settings.instance = config.instance;
  settings.dns_program = tree.libexec + "/gantry-dns";
  settings.dns_socket = paths.driver_run("dns.sock");
  settings.default_bridge = config.bridge != "none";
  // At most 15 characters: an instance has 12.
  settings.bridge_name = !config.bridge.empty()        ? config.bridge
                         : config.instance == "gantry" ? "gantry0"
                                                       : "gt-" + config.instance;
  settings.bip = config.bip;
  settings.fixed_cidr = config.fixed_cidr;
  settings.icc = config.icc;
  settings.ip_masq = config.ip_masq;
  settings.default_binding = config.default_binding;
  settings.mtu = static_cast<std::uint32_t>(config.mtu);
  for (const auto& pool : config.address_pools) settings.pools.push_back({pool.base, pool.size});
  return settings;
}

plugins::PluginOptions plugin_options(const config::Config& config, const InstallTree& tree, const state::Paths& paths) {
  plugins::PluginOptions options;
  options.plugin_dir = tree.plugins;
  options.libexec_dir = tree.libexec;
  options.state_root = paths.driver_state_root();
  options.run_root = paths.driver_run_root();
  options.instance = config.instance;
  options.safe_mode = config.safe_mode;
  return options;
}

plugins::Selection plugin_selection(const config::Config& config) {
  plugins::Selection selection;
  const Json defaults = Json::object();
  selection.insert({"runtime", {"runtime-linux", runtime_driver_config(config)}});
  selection.insert({"storage", {"storage-overlay"}});
  plugins::Choice volumes{"volume-local"};
  volumes.config["root"] = std::filesystem::absolute(config.data_root).string() + "/volumes";
  selection.insert({"volume", std::move(volumes)});
  selection.insert({"volume", {"volume-docker", defaults, false}});
  for (const char* name : {"log-syslog", "log-journald", "log-gelf", "log-fluentd"}) {
    selection.insert({"log", {name, defaults, false}});
  }
  plugins::Choice bridge{"net-bridge",
                         {{"ipForward", config.ip_forward}, {"respectHostFirewall", config.respect_host_firewall}},
                         config.bridge != "none"};
  selection.insert({"network", std::move(bridge)});
  selection.insert({"network", {"net-macvlan", defaults, false}});
  for (const auto& name : config.network_plugins) selection.insert({"network", {name, defaults, true}});
  for (const auto& name : config.volume_plugins) selection.insert({"volume", {name, defaults, true}});
  for (const auto& name : config.log_plugins) selection.insert({"log", {name, defaults, true}});
  return selection;
}

std::string checked_log_driver(const config::Config& config, const containers::LogDrivers& plugins) {
  const auto& name = config.log_driver;
  if (!containers::is_built_in_log_driver(name) && !plugins.contains(name))
    throw invalid("logger: no log driver named '" + name + "' is registered");
  (void)containers::read_log_options({name, config.log_opts}, plugins);
  return name;
}

registry::Settings registry_settings(const config::Config& config) {
  registry::Settings settings;
  settings.mirrors = config.registry_mirrors;
  settings.insecure = config.insecure_registries;
  settings.cert_dirs = config.registry_cert_dirs;
  settings.http_proxy = config.http_proxy;
  settings.https_proxy = config.https_proxy;
  settings.no_proxy = config.no_proxy;
  settings.max_downloads = config.max_concurrent_downloads;
  settings.max_uploads = config.max_concurrent_uploads;
  settings.max_attempts = config.max_download_attempts;
  settings.stall_s = config.registry_timeout_s;
  settings.layer_packing = config.layer_compression;
  return settings;
}

api::ServerOptions server_options(const config::Config& config) {
  return {config.hosts, config.group.empty() ? default_group() : config.group, tls_files(config)};
}

system::DriverFacts driver_facts(StorageDriver& storage, const networks::NetworkDrivers& networks,
                                 const volumes::VolumeDrivers& volumes, const containers::LogDrivers& logs,
                                 const containers::Defaults& defaults) {
  system::DriverFacts facts;
  facts.storage = storage.name();
  facts.storage_status = storage.status();
  for (const auto& [name, driver] : volumes) {
    if (name != volumes::docker_bridge) facts.volumes.push_back(name);
  }
  facts.networks = {"host", "null"};
  for (const auto& [name, driver] : networks) facts.networks.push_back(name);
  std::sort(facts.networks.begin(), facts.networks.end());
  facts.logs = {"json-file", "local"};
  for (const auto& [name, driver] : logs) facts.logs.push_back(name);
  std::sort(facts.logs.begin(), facts.logs.end());
  facts.init_binary = defaults.init_path.substr(defaults.init_path.rfind('/') + 1);
  facts.selinux = defaults.selinux.enabled();
  return facts;
}

} // namespace gantry::daemon
