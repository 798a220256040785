#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/args/flag_set.hpp"
#include "cli/json.hpp"

namespace gantry::cli {

using Strings = std::vector<std::string>;

/// What `run` and `create` share, as the user said it.
struct CreateOptions {
  Strings attach, add_host, annotation, blkio_weight_device, cap_add, cap_drop, device, device_cgroup_rule, device_read_bps,
      device_read_iops, device_write_bps, device_write_iops, dns, dns_option, dns_search, env, env_file, expose, gpus, group_add,
      egress, label, label_file, link, link_local_ip, log_opt, mount, network, network_alias, publish, security_opt, storage_opt,
      sysctl, tmpfs, ulimit, volume, volumes_from;
  std::string cgroup_parent, cgroupns, cidfile, cpuset_cpus, cpuset_mems, domainname, entrypoint, health_cmd, hostname, ip, ip6,
      ipc, isolation, log_driver, mac_address, name, on_unhealthy, pid, platform, probe,
      pull = "missing", restart = "no", runtime, stop_signal, user, userns, uts, volume_driver, workdir;
  std::int64_t blkio_weight = 0, cpu_count = 0, cpu_percent = 0, cpu_period = 0, cpu_quota = 0, cpu_rt_period = 0,
               cpu_rt_runtime = 0, cpu_shares = 0, cpus = 0, health_interval = 0, health_retries = 0, health_start_interval = 0,
               health_start_period = 0, health_timeout = 0, io_maxbandwidth = 0, io_maxiops = 0, kernel_memory = 0, memory = 0,
               memory_reservation = 0, memory_swap = 0, memory_swappiness = -1, oom_score_adj = 0, pids_limit = 0, shm_size = 0,
               stop_timeout = 0;
  bool content_trust_off = true, init = false, interactive = false, no_healthcheck = false, oom_kill_disable = false,
       privileged = false, publish_all = false, quiet = false, read_only = false, rm = false, tty = false, use_api_socket = false;
};

void add_create_flags(FlagSet& flags, CreateOptions& options);

/// The body of POST /containers/create. `words`: the image, and the command with its arguments. Reads the files that the options
/// name. `detached` tells which streams are attached. Throws Failure with Docker's sentences.
Json create_body(const CreateOptions& options, const FlagSet& flags, const Strings& words, bool detached);

} // namespace gantry::cli
