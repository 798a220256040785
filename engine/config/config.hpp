#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace gantry::config {

/// "nofile=1024:4096"
struct Ulimit {
  std::string name;
  std::int64_t soft = 0, hard = 0;
};

/// An OCI runtime of the machine, beside the daemon's own.
struct Runtime {
  std::string path; ///< of its executable, or a name in $PATH
  std::vector<std::string> arguments;
};

/// Subnets with a mask of `size` bits are cut out of `base`.
struct AddressPool {
  std::string base; ///< CIDR
  unsigned size = 0;
};

/// What stays when a store grows beyond its budget: see docs/images.md.
struct KeepPolicy {
  std::int64_t keep_bytes = 0;      ///< nothing is deleted below it; 0: no budget, nothing is ever deleted
  std::int64_t keep_used_for_s = 0; ///< nothing that was used within that time is deleted
};

/// What the daemon was told: defaults, then the file, then flags (a key may be in one of them only). Values are valid.
struct Config {
  std::vector<std::string> hosts; ///< unix:// and tcp:// addresses; never empty after load
  std::string data_root = "/var/lib/gantry";
  std::string exec_root = "/run/gantry";
  std::string pidfile = "/run/gantry.pid";
  std::string group;    ///< of unix sockets: name or number; empty: "gantry" or "docker" where one exists
  std::string instance; ///< [a-z0-9-]{1,12}, unique on the machine; derived from the data root
  bool safe_mode = false;
  bool tls = false;                      ///< on tcp:// hosts
  bool tls_verify = false;               ///< TLS, and clients need a certificate
  std::string tls_ca, tls_cert, tls_key; ///< PEM files; empty: ca.pem, cert.pem and key.pem of the daemon's ~/.docker

  std::string log_level = "info";
  bool debug = false;
  std::vector<std::string> labels; ///< "key=value", shown by /info
  bool experimental = false;
  bool live_restore = false; ///< SIGTERM leaves containers running
  std::int64_t shutdown_timeout_s = 15;

  std::string storage_driver; ///< empty: the default one
  std::map<std::string, std::string> storage_opts;
  KeepPolicy image_gc, build_gc;
  std::string cgroup_parent;
  std::string default_runtime = "gantry";
  std::map<std::string, Runtime> runtimes;
  std::vector<std::string> cdi_spec_dirs = {"/etc/cdi", "/var/run/cdi"}; ///< none: CDI is off
  std::vector<std::string> hooks_dirs;                                   ///< of OCI hooks
  std::string bridge; ///< of the default network; "none": there is none; empty: named after the instance
  std::string bip, fixed_cidr, default_gateway;
  std::string default_binding = "0.0.0.0"; ///< for published ports without a host address
  bool icc = true, ip_masq = true, ip_forward = true;
  bool respect_host_firewall = false;       ///< published ports are open to whom the host's own input rules let in
  std::int64_t mtu = 0;                     ///< of the default network; 0: 1500
  std::vector<AddressPool> address_pools;   ///< empty: the engine's
  std::vector<std::string> network_plugins; ///< beside those that ship with the engine
  std::string cgroupns_mode;
  std::string ipc_mode = "private";
  std::string log_driver = "json-file";
  std::map<std::string, std::string> log_opts;
  std::vector<std::string> log_plugins; ///< beside those that ship with the engine
  std::vector<std::string> volume_plugins;
  std::vector<Ulimit> ulimits;
  std::int64_t shm_size = 64 << 20;
  std::int64_t stop_timeout_s = 10;
  bool init = false;
  std::string init_path;
  bool no_new_privileges = false;
  bool selinux_enabled = false;
  std::string userns_remap;                ///< "default", USER[:GROUP] or UID[:GID]; empty: containers have the host's ids
  std::string seccomp_profile = "builtin"; ///< path of a profile, "builtin" or "unconfined"
  std::vector<std::string> dns, dns_search, dns_options;
  std::vector<std::string> registry_mirrors; ///< "URL" for Docker Hub, or "HOST=URL"
  std::vector<std::string> insecure_registries;
  std::vector<std::string> registry_cert_dirs = {"/etc/gantry/certs.d", "/etc/docker/certs.d"};
  std::string http_proxy, https_proxy, no_proxy; ///< for registries; flags, then the file, then the environment
  std::int64_t max_concurrent_downloads = 3, max_concurrent_uploads = 5, max_download_attempts = 5;
  std::int64_t registry_timeout_s = 60;   ///< without a byte
  std::string layer_compression = "gzip"; ///< of layers that are pushed for the first time

  std::string file;                  ///< what was read; empty: none
  std::vector<std::string> warnings; ///< settings that are accepted and have no effect, one sentence each

  std::string effective_log_level() const { return debug ? "debug" : log_level; }
};

} // namespace gantry::config
