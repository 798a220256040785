#pragma once

#include <string>

namespace gantry::containers {

/// What the kernel of this machine lets a container be limited by: its CPUs and memory nodes, and which files its cgroups have.
struct Machine {
  std::string cpus = "0"; ///< list such as "0-3"
  std::string memory_nodes = "0";
  unsigned cgroup_version = 1;

  bool memory = true, swap = true, reservation = true, swappiness = true, oom_kill_disable = true, kernel_memory_tcp = true;
  bool cpu_shares = true, cpu_quota = true, cpu_realtime = true, cpuset = true, pids = true;
  bool io_weight = true, io_weight_device = true;
  bool io_read_bps = true, io_write_bps = true, io_read_iops = true, io_write_iops = true;
};

/// Looked up each time: a module (bfq) or a mount may have come since.
Machine this_machine(unsigned cgroup_version);

} // namespace gantry::containers
