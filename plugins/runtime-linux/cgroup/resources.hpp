#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace gantry::runtime_linux {

class ContainerCgroup;

/// One value for one cgroup file.
struct CgroupValue {
  std::string file;
  std::string value;
};

/// OCI linux.resources (without devices) as writes.
std::vector<CgroupValue> values_v1(const ContainerCgroup& cgroup, const nlohmann::json& resources);
std::vector<CgroupValue> values_v2(const ContainerCgroup& cgroup, const nlohmann::json& resources);

} // namespace gantry::runtime_linux
