#pragma once

#include <linux/bpf.h>
#include <nlohmann/json.hpp>
#include <vector>

namespace gantry::runtime_linux {

class ContainerCgroup;

/// One OCI device rule. -1: any number. `type` is 'c', 'b' or 'a' (both).
struct DeviceRule {
  bool allow = false;
  char type = 'a';
  std::int64_t major = -1, minor = -1;
  std::string access = "rwm";
};

/// OCI linux.resources.devices, followed by what every container may use. Errors: invalid.
std::vector<DeviceRule> device_rules(const nlohmann::json& rules);

/// The rules as a BPF_PROG_TYPE_CGROUP_DEVICE program: the last rule that matches decides.
std::vector<bpf_insn> device_program(const std::vector<DeviceRule>& rules);

/// Lets the container's processes use the devices of the rules only: devices cgroup on v1, an eBPF program on v2.
void restrict_devices(const ContainerCgroup& cgroup, const nlohmann::json& rules);

} // namespace gantry::runtime_linux
