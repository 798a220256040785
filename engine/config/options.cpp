#include <algorithm>
#include <cctype>
#include <set>
#include <string_view>

#include "base/error.hpp"
#include "base/text.hpp"
#include "config/budgets.hpp"
#include "config/networks.hpp"
#include "config/option.hpp"
#include "config/parse_value.hpp"
#include "config/runtimes.hpp"

namespace gantry::config {

namespace {

using Apply = std::function<void(Config&, const Values&)>;
using Allowed = std::set<std::string>;

/// The last one counts when a flag is repeated, as in dockerd.
Apply text(std::string Config::*member) {
  return [member](Config& c, const Values& v) { c.*member = v.back(); };
}
Apply path(std::string Config::*member) {
  return [member](Config& c, const Values& v) { c.*member = parse_path(v.back()); };
}
Apply boolean(bool Config::*member) {
  return [member](Config& c, const Values& v) { c.*member = parse_bool(v.back()); };
}
Apply number(std::int64_t Config::*member, std::int64_t low, std::int64_t high) {
  return [=](Config& c, const Values& v) { c.*member = parse_integer(v.back(), low, high); };
}
Apply list(std::vector<std::string> Config::*member, std::function<std::string(const std::string&)> parse = nullptr) {
  return [=](Config& c, const Values& v) {
    (c.*member).clear();
    for (const auto& item : v) (c.*member).push_back(parse ? parse(item) : item);
  };
}
Apply choice(std::string Config::*member, Allowed allowed) {
  return [=](Config& c, const Values& v) {
    if (!allowed.contains(v.back())) {
      std::string names;
      for (const auto& name : allowed) names += (names.empty() ? "" : ", ") + name;
      throw invalid("invalid value \"" + v.back() + "\": allowed are " + names);
    }
    c.*member = v.back();
  };
}

void apply_instance(Config& c, const Values& v) {
  const auto& name = v.back();
  const bool right =
      !name.empty() && name.size() <= 12 && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
  if (!right) throw invalid("invalid value \"" + name + "\": an instance is named by 1 to 12 of a-z, 0-9 and -");
  c.instance = name;
}

void apply_log_opts(Config& c, const Values& v) {
  c.log_opts.clear();
  for (const auto& item : v) {
    const auto equals = item.find('=');
    const auto key = item.substr(0, equals);
    if (equals == std::string::npos) throw invalid("invalid value \"" + item + "\": a log option is KEY=VALUE");
    c.log_opts[key] = item.substr(equals + 1);
  }
}

void apply_ulimits(Config& c, const Values& v) {
  c.ulimits.clear();
  for (const auto& item : v) {
    const auto limit = parse_ulimit(item);
    std::erase_if(c.ulimits, [&](const Ulimit& other) { return other.name == limit.name; });
    c.ulimits.push_back(limit);
  }
}

void apply_seccomp_profile(Config& c, const Values& v) {
  const auto& value = v.back();
  const bool word = value.empty() || value == "builtin" || value == "unconfined";
  c.seccomp_profile = value.empty() ? "builtin" : word ? value : parse_path(value);
}

/// dockerd's form in the file: {"http-proxy": …, "https-proxy": …, "no-proxy": …}
void apply_proxies(Config& c, const Values& v) {
  for (const auto& item : v) {
    const auto equals = item.find('=');
    const auto key = item.substr(0, equals), value = equals == std::string::npos ? "" : item.substr(equals + 1);
    if (key == "http-proxy")
      c.http_proxy = value;
    else if (key == "https-proxy")
      c.https_proxy = value;
    else if (key == "no-proxy")
      c.no_proxy = value;
    else
      throw invalid("invalid key \"" + key + "\": allowed are http-proxy, https-proxy and no-proxy");
  }
}

/// Docker's names of the one option that means something here, and of the one that has never meant anything since.
void apply_storage_options(Config& c, const Values& values) {
  for (const auto& text : values) {
    const std::size_t sign = text.find('=');
    const std::string key = lower(text.substr(0, sign));
    if (sign == std::string::npos) throw invalid("unable to parse storage-opt '" + text + "': allowed is key=value");
    const std::string value = text.substr(sign + 1);
    if (key == "overlay2.size" || key == "overlay.size") {
      (void)parse_bytes(value);
      c.storage_opts["size"] = value;
    } else if (key == "overlay2.override_kernel_check" || key == "overlay.override_kernel_check") {
      (void)parse_bool(value);
    } else {
      throw invalid("overlay2: unknown option " + key + " (allowed: overlay2.size)");
    }
  }
}

void apply_storage(Config& c, const Values& v) { choice(&Config::storage_driver, {"", "overlay", "overlay2"})(c, v); }

} // namespace

const std::vector<Option>& options() {
  static const std::vector<Option> all = {
      {"hosts", "-H,--host", Kind::list, "Socket to serve the API on: unix:///PATH or tcp://ADDRESS:PORT (repeatable)",
       list(&Config::hosts, parse_host)},
      {"data-root", "--data-root", Kind::text, "Directory of images, containers and the daemon's state",
       path(&Config::data_root)},
      {"exec-root", "--exec-root", Kind::text, "Directory of what lives until the next boot", path(&Config::exec_root)},
      {"pidfile", "-p,--pidfile", Kind::text, "File that gets the daemon's process id", path(&Config::pidfile)},
      {"group", "-G,--group", Kind::text, "Group of the unix socket: name or number", text(&Config::group)},
      {"instance", "--instance", Kind::text, "Name of this daemon on this machine", apply_instance},
      {"safe-mode", "--safe-mode", Kind::boolean, "Load the plugins shipped with the engine only", boolean(&Config::safe_mode)},
      {"tls", "--tls", Kind::boolean, "Serve tcp:// hosts over TLS", boolean(&Config::tls)},
      {"tlsverify", "--tlsverify", Kind::boolean, "Serve tcp:// hosts over TLS to clients with a certificate of --tlscacert",
       boolean(&Config::tls_verify)},
      {"tlscacert", "--tlscacert", Kind::text, "Certificates of who may sign clients' (default ~/.docker/ca.pem)",
       path(&Config::tls_ca)},
      {"tlscert", "--tlscert", Kind::text, "The server's certificate (default ~/.docker/cert.pem)", path(&Config::tls_cert)},
      {"tlskey", "--tlskey", Kind::text, "Key of the server's certificate (default ~/.docker/key.pem)", path(&Config::tls_key)},
      {"log-level", "-l,--log-level", Kind::text, "trace, debug, info, warn, error or fatal",
       choice(&Config::log_level, {"trace", "debug", "info", "warn", "error", "fatal"})},
      {"debug", "-D,--debug", Kind::boolean, "Log at debug level", boolean(&Config::debug)},
      {"labels", "--label", Kind::list, "KEY=VALUE shown by info (repeatable)", list(&Config::labels, parse_label)},
      {"experimental", "--experimental", Kind::boolean, "Announce experimental features", boolean(&Config::experimental)},
      {"live-restore", "--live-restore", Kind::boolean, "Leave containers running when the daemon is stopped",
       boolean(&Config::live_restore)},
      {"shutdown-timeout", "--shutdown-timeout", Kind::number, "Seconds that containers get to stop; -1: without limit",
       number(&Config::shutdown_timeout_s, -1, 1 << 30)},
      {"storage-driver", "-s,--storage-driver", Kind::text, "overlay or overlay2 (the same)", apply_storage},
      {"storage-opts", "--storage-opt", Kind::list, "overlay2.size=SIZE: what a container may write, where it says nothing else",
       apply_storage_options},
      {"cgroup-parent", "--cgroup-parent", Kind::text, "Parent cgroup of all containers", text(&Config::cgroup_parent)},
      {"default-runtime", "--default-runtime", Kind::text, "gantry, runc (the same) or one of runtimes",
       text(&Config::default_runtime)},
      {"runtimes", "", Kind::any, "External OCI runtimes: NAME: {path: PATH, runtimeArgs: [ARG, …]}", apply_runtimes},
      {"add-runtimes", "--add-runtime", Kind::list, "NAME=PATH of an external OCI runtime (repeatable)", apply_added_runtimes},
      {"cdi-spec-dirs", "--cdi-spec-dir", Kind::list, "Directory of CDI device specs (repeatable); \"\": none",
       apply_cdi_spec_dirs},
      {"hooks-dirs", "--hooks-dir", Kind::list, "Directory of OCI hooks for every container that matches (repeatable)",
       list(&Config::hooks_dirs, parse_path)},
      {"bridge", "-b,--bridge", Kind::text, "Bridge of the default network; none: no default network", apply_bridge},
      {"bip", "--bip", Kind::text, "ADDRESS/LENGTH of the default network's bridge",
       [](Config& c, const Values& v) { c.bip = v.back().empty() ? "" : parse_cidr(v.back()); }},
      {"fixed-cidr", "--fixed-cidr", Kind::text, "Part of the default network that containers get addresses from",
       [](Config& c, const Values& v) { c.fixed_cidr = v.back().empty() ? "" : parse_cidr(v.back()); }},
      {"icc", "--icc", Kind::boolean, "Containers of the default network reach each other", boolean(&Config::icc)},
      {"ip", "--ip", Kind::text, "Host address of ports published without one",
       [](Config& c, const Values& v) { c.default_binding = parse_ip(v.back()); }},
      {"ip-forward", "--ip-forward", Kind::boolean, "Let the kernel forward packets", boolean(&Config::ip_forward)},
      {"respect-host-firewall", "--respect-host-firewall", Kind::boolean,
       "Published ports are reached by whom the host's own input rules let in", boolean(&Config::respect_host_firewall)},
      {"ip-masq", "--ip-masq", Kind::boolean, "The default network goes out with the host's address", boolean(&Config::ip_masq)},
      {"mtu", "--mtu", Kind::number, "MTU of the default network; 0: 1500", number(&Config::mtu, 0, 65535)},
      {"default-address-pools", "", Kind::any, "Subnets of networks: [{base: CIDR, size: NUMBER}]", apply_address_pools},
      {"add-default-address-pools", "--default-address-pool", Kind::list, "base=CIDR,size=NUMBER (repeatable)",
       apply_address_pool_flags},
      {"network-plugins", "--network-plugin", Kind::list, "Plugin with further network drivers (repeatable)",
       list(&Config::network_plugins)},
      {"default-cgroupns-mode", "--default-cgroupns-mode", Kind::text, "host or private",
       choice(&Config::cgroupns_mode, {"", "host", "private"})},
      {"default-ipc-mode", "--default-ipc-mode", Kind::text, "private or shareable",
       choice(&Config::ipc_mode, {"private", "shareable"})},
      {"log-driver", "--log-driver", Kind::text, "json-file, local, none, syslog, journald, gelf, fluentd, or one of a plugin",
       text(&Config::log_driver)},
      {"log-opts", "--log-opt", Kind::map, "KEY=VALUE for the log driver: max-size, max-file, … (repeatable)", apply_log_opts},
      {"log-plugins", "--log-plugin", Kind::list, "Plugin with further log drivers (repeatable)", list(&Config::log_plugins)},
      {"volume-plugins", "--volume-plugin", Kind::list, "Plugin with further volume drivers (repeatable)",
       list(&Config::volume_plugins)},
      {"default-ulimits", "--default-ulimit", Kind::ulimits, "NAME=SOFT[:HARD] for containers (repeatable)", apply_ulimits},
      {"default-shm-size", "--default-shm-size", Kind::text, "Size of /dev/shm, such as 64m",
       [](Config& c, const Values& v) { c.shm_size = parse_bytes(v.back()); }},
      {"default-stop-timeout", "--default-stop-timeout", Kind::number, "Seconds between SIGTERM and SIGKILL",
       number(&Config::stop_timeout_s, -1, 1 << 30)},
      {"init", "--init", Kind::boolean, "Run an init in containers", boolean(&Config::init)},
      {"init-path", "--init-path", Kind::text, "Static init program for --init", path(&Config::init_path)},
      {"no-new-privileges", "--no-new-privileges", Kind::boolean, "Set no-new-privileges for containers",
       boolean(&Config::no_new_privileges)},
      {"selinux-enabled", "--selinux-enabled", Kind::boolean, "Give containers SELinux labels",
       boolean(&Config::selinux_enabled)},
      {"seccomp-profile", "--seccomp-profile", Kind::text, "Seccomp profile of containers: a file, builtin or unconfined",
       apply_seccomp_profile},
      {"userns-remap", "--userns-remap", Kind::text,
       "User whose subordinate ids containers get: default, USER[:GROUP], UID[:GID]", text(&Config::userns_remap)},
      {"dns", "--dns", Kind::list, "Name server of containers (repeatable)", list(&Config::dns, parse_ip)},
      {"dns-search", "--dns-search", Kind::list, "Search domain of containers (repeatable)", list(&Config::dns_search)},
      {"dns-opts", "--dns-opt", Kind::list, "Resolver option of containers (repeatable)", list(&Config::dns_options)},
      {"registry-mirrors", "--registry-mirror", Kind::list,
       "Mirror to pull from first: URL for Docker Hub, HOST=URL for another registry (repeatable)",
       list(&Config::registry_mirrors, parse_mirror)},
      {"insecure-registries", "--insecure-registry", Kind::list, "Registry without verified TLS (repeatable)",
       list(&Config::insecure_registries)},
      {"registry-cert-dirs", "--registry-cert-dir", Kind::list,
       "Directory with HOST/{*.crt,*.cert,*.key} for registries (repeatable)", list(&Config::registry_cert_dirs, parse_path)},
      {"proxies", "", Kind::map, "", apply_proxies},
      {"http-proxy", "--http-proxy", Kind::text, "Proxy for registries that are reached over http", text(&Config::http_proxy)},
      {"https-proxy", "--https-proxy", Kind::text, "Proxy for registries that are reached over https",
       text(&Config::https_proxy)},
      {"no-proxy", "--no-proxy", Kind::text, "Registries that are reached without a proxy, comma-separated",
       text(&Config::no_proxy)},
      {"max-concurrent-downloads", "--max-concurrent-downloads", Kind::number, "Layers that download at once",
       number(&Config::max_concurrent_downloads, 1, 64)},
      {"max-concurrent-uploads", "--max-concurrent-uploads", Kind::number, "Layers of one push that are sent at once",
       number(&Config::max_concurrent_uploads, 1, 64)},
      {"max-download-attempts", "--max-download-attempts", Kind::number, "Attempts without progress until a download fails",
       number(&Config::max_download_attempts, 1, 1000)},
      {"registry-timeout", "--registry-timeout", Kind::number, "Seconds without a byte until a registry is given up",
       number(&Config::registry_timeout_s, 1, 86400)},
      {"image-gc", "", Kind::any, "Disk budget of images: {keep-storage: SIZE, keep-used-since: DURATION}", apply_image_gc},
      {"builder", "", Kind::any, "Disk budget of the build cache: {gc: {defaultKeepStorage: SIZE, …}}", apply_builder},
      {"layer-compression", "--layer-compression", Kind::text, "gzip or zstd for layers that were made here",
       choice(&Config::layer_compression, {"gzip", "zstd"})},
  };
  return all;
}

} // namespace gantry::config
