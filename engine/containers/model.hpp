#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "containers/history.hpp"
#include "containers/id_map.hpp"
#include "containers/phase.hpp"
#include "networks/endpoint.hpp"

// What a container is. `Config` and `HostConfig` carry the names and meanings of the Docker API's objects of those
// names (units: bytes, nanoseconds, seconds for timeouts) and echo what the user sent; model_json.hpp reads and writes
// them with Docker's key names, both for state.db and for the wire.
namespace gantry::containers {

using Labels = std::map<std::string, std::string>;
using StringList = std::vector<std::string>;

struct Healthcheck {
  StringList test; ///< {} inherit, {"NONE"}, {"CMD", …}, {"CMD-SHELL", …}
  std::int64_t interval_ns = 0, timeout_ns = 0, start_period_ns = 0, start_interval_ns = 0;
  std::int64_t retries = 0;
};

struct Config {
  std::string hostname, domainname, user;
  bool attach_stdin = false, attach_stdout = false, attach_stderr = false;
  std::vector<std::string> exposed_ports; ///< "80/tcp", sorted
  bool tty = false, open_stdin = false, stdin_once = false;
  StringList env;
  std::optional<StringList> cmd, entrypoint; ///< absent: the image's; [""] as entrypoint: reset
  std::optional<Healthcheck> healthcheck;
  bool args_escaped = false;
  std::string image;
  StringList volumes; ///< paths, sorted
  std::string working_dir;
  bool network_disabled = false;
  std::string mac_address;
  StringList on_build;
  Labels labels;
  std::string stop_signal;
  std::optional<std::int64_t> stop_timeout;
  StringList shell;
};

struct LogConfig {
  std::string type; ///< "" until create fills in the daemon's default
  std::map<std::string, std::string> config;
};

struct PortBinding {
  std::string host_ip, host_port;
};

struct RestartPolicy {
  std::string name; ///< "" "no" "always" "unless-stopped" "on-failure"
  std::int64_t maximum_retry_count = 0;
};

struct Device {
  std::string path_on_host, path_in_container, cgroup_permissions;
};

struct Ulimit {
  std::string name;
  std::int64_t hard = 0, soft = 0;
};

struct WeightDevice {
  std::string path;
  std::uint16_t weight = 0;
};

struct ThrottleDevice {
  std::string path;
  std::uint64_t rate = 0;
};

struct Resources {
  std::int64_t cpu_shares = 0, memory = 0, nano_cpus = 0;
  std::string cgroup_parent;
  std::uint16_t blkio_weight = 0;
  std::vector<WeightDevice> blkio_weight_device;
  std::vector<ThrottleDevice> blkio_device_read_bps, blkio_device_write_bps, blkio_device_read_iops, blkio_device_write_iops;
  std::int64_t cpu_period = 0, cpu_quota = 0, cpu_realtime_period = 0, cpu_realtime_runtime = 0;
  std::string cpuset_cpus, cpuset_mems;
  std::vector<Device> devices;
  StringList device_cgroup_rules;
  Json device_requests; ///< echoed
  std::int64_t memory_reservation = 0, memory_swap = 0, kernel_memory = 0, kernel_memory_tcp = 0;
  std::optional<std::int64_t> memory_swappiness;
  std::optional<bool> oom_kill_disable;
  std::optional<std::int64_t> pids_limit;
  std::vector<Ulimit> ulimits;
  std::int64_t cpu_count = 0, cpu_percent = 0; ///< Windows only, as the next two
  std::uint64_t io_maximum_iops = 0, io_maximum_bandwidth = 0;
};

struct HostConfig {
  StringList binds;
  std::string container_id_file;
  LogConfig log_config;
  std::string network_mode;
  std::map<std::string, std::vector<PortBinding>> port_bindings;
  RestartPolicy restart_policy;
  bool auto_remove = false;
  std::string volume_driver;
  StringList volumes_from;
  Json mounts; ///< Docker's Mount objects, absent when not given
  std::uint32_t console_rows = 0, console_cols = 0;
  Labels annotations;
  StringList cap_add, cap_drop;
  std::string cgroupns_mode;
  StringList dns, dns_options, dns_search, extra_hosts, group_add;
  std::string ipc_mode, cgroup;
  StringList links;
  std::int64_t oom_score_adj = 0;
  std::string pid_mode;
  bool privileged = false, publish_all_ports = false, readonly_rootfs = false;
  StringList security_opt;
  std::map<std::string, std::string> storage_opt, tmpfs;
  std::string uts_mode, userns_mode;
  std::int64_t shm_size = 0;
  std::map<std::string, std::string> sysctls;
  std::string runtime, isolation;
  Resources resources;
  std::optional<StringList> masked_paths, readonly_paths; ///< absent: the defaults
  std::optional<bool> init;
  std::set<std::string> left_out; ///< members that inspect shows as null, as Docker does: nobody gave them, not even as []
};

/// Something mounted into a container, as create decided it.
struct MountPoint {
  std::string type;         ///< "bind" "volume" "tmpfs" "image"
  std::string name, driver; ///< of the volume
  std::string source;       ///< path on the host; the image's id
  std::string destination;  ///< absolute, clean
  std::string mode;         ///< as it was written behind the second colon
  std::string propagation;  ///< of a bind
  std::string subpath;      ///< what of the volume or image is mounted; empty: all
  bool rw = true;
  bool anonymous = false;      ///< a volume that the engine named: it goes with the container (rm -v)
  bool copy = false;           ///< what the image has there is copied into the volume while that is empty
  bool recursive = true;       ///< with what is mounted below the source
  bool make_source = false;    ///< a source that is missing is made at start
  bool live = false;           ///< put there while it ran
  bool mapped = false;         ///< a bind's files belong to the same ids as in the container
  std::string submounts;       ///< of a read-only bind: "" read-only where the kernel can, "writable", "readonly"
  std::int64_t tmpfs_size = 0; ///< bytes, 0: no limit
  std::int64_t tmpfs_mode = 0;
  StringList tmpfs_options;
};

/// What Docker's API has no place for: the create request's member "Gantry".
struct Extensions {
  std::string probe_url;    ///< checked by the engine itself ("http://:8080/healthz", "tcp://:5432"); empty: none
  std::string on_unhealthy; ///< "" "none" "restart" "stop"
};

enum class HealthStatus : std::uint8_t { starting, healthy, unhealthy };

struct ProbeResult {
  std::int64_t start_ns = 0, end_ns = 0;
  std::int32_t exit_code = 0; ///< 0 healthy, -1 could not be run or took too long
  std::string output;
};

/// What is known about the health of a container that has run and has a check.
struct Health {
  HealthStatus status = HealthStatus::starting;
  std::int64_t failing_streak = 0;
  std::vector<ProbeResult> log; ///< the last ones, oldest first
};
using HealthPtr = std::shared_ptr<const Health>;

/// A container at one moment; immutable, shared by readers.
struct Container {
  std::string id;
  std::string name; ///< without the leading slash
  std::int64_t created_ns = 0;
  Config config; ///< merged with the image's, as inspect shows it
  HostConfig host_config;
  Extensions extensions;
  std::string image_id;  ///< "sha256:…"
  std::string image_ref; ///< as the user wrote it
  std::string driver, platform = "linux";
  std::string path; ///< argv[0]
  StringList args;
  IdMaps id_maps;                         ///< chosen at create, and its own until it is removed
  std::vector<MountPoint> mounts;         ///< in the order they were asked for
  std::string apparmor_profile;           ///< empty where the kernel has no AppArmor
  std::string process_label, mount_label; ///< SELinux contexts; empty: none

  Phase phase = Phase::created;
  bool restarts = false; ///< while it is starting: it ran just before. Not persisted
  std::int32_t pid = 0;
  std::int32_t exit_code = 0;
  std::string error;
  bool oom_killed = false;
  std::int64_t started_ns = 0, finished_ns = 0; ///< 0: never
  std::int64_t restart_count = 0;
  bool manually_stopped = false;
  bool removes_volumes = false; ///< its removal takes its anonymous volumes along
  HealthPtr health;             ///< null: no check, or never started
  std::int64_t paused_ns = 0;   ///< when it was last paused
  History history;
  std::string runtime_state;                  ///< the runtime driver's state_json
  std::vector<networks::Attachment> networks; ///< by name of the network; none for "container:…"
  std::vector<networks::PublishedPort> ports; ///< while it runs
};
using ContainerPtr = std::shared_ptr<const Container>;

/// The phase that clients are told. A start is short, and Docker has no word for it: it shows the state before, since whoever
/// looks at a container that is being restarted must not take it for one that has ended.
inline Phase told_phase(const Container& c) {
  if (c.phase != Phase::starting) return c.phase;
  return c.restarts ? Phase::restarting : Phase::created;
}

} // namespace gantry::containers
