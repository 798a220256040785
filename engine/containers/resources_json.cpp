#include "containers/resources_json.hpp"

#include "containers/json_writer.hpp"

namespace gantry::containers {
namespace {

Device device_from(const JsonReader& reader) {
  Device device;
  reader.read("PathOnHost", device.path_on_host);
  reader.read("PathInContainer", device.path_in_container);
  reader.read("CgroupPermissions", device.cgroup_permissions);
  return device;
}

Ulimit ulimit_from(const JsonReader& reader) {
  Ulimit limit;
  reader.read("Name", limit.name);
  reader.read("Hard", limit.hard);
  reader.read("Soft", limit.soft);
  return limit;
}

WeightDevice weight_from(const JsonReader& reader) {
  WeightDevice device;
  reader.read("Path", device.path);
  reader.read("Weight", device.weight);
  return device;
}

ThrottleDevice throttle_from(const JsonReader& reader) {
  ThrottleDevice device;
  reader.read("Path", device.path);
  reader.read("Rate", device.rate);
  return device;
}

Json throttle_json(const std::vector<ThrottleDevice>& devices) {
  Json list = Json::array();
  for (const auto& device : devices) list.push_back({{"Path", device.path}, {"Rate", device.rate}});
  return list;
}

Json weights_json(const std::vector<WeightDevice>& devices) {
  Json list = Json::array();
  for (const auto& device : devices) list.push_back({{"Path", device.path}, {"Weight", device.weight}});
  return list;
}

Json devices_json(const std::vector<Device>& devices) {
  Json list = Json::array();
  for (const auto& device : devices) {
    list.push_back({{"PathOnHost", device.path_on_host},
                    {"PathInContainer", device.path_in_container},
                    {"CgroupPermissions", device.cgroup_permissions}});
  }
  return list;
}

Json ulimits_json(const std::vector<Ulimit>& limits) {
  Json list = Json::array();
  for (const auto& limit : limits) list.push_back({{"Name", limit.name}, {"Hard", limit.hard}, {"Soft", limit.soft}});
  return list;
}

void read_cpu(const JsonReader& reader, Resources& r) {
  reader.read("CpuShares", r.cpu_shares);
  reader.read("NanoCpus", r.nano_cpus);
  reader.read("CpuPeriod", r.cpu_period);
  reader.read("CpuQuota", r.cpu_quota);
  reader.read("CpuRealtimePeriod", r.cpu_realtime_period);
  reader.read("CpuRealtimeRuntime", r.cpu_realtime_runtime);
  reader.read("CpusetCpus", r.cpuset_cpus);
  reader.read("CpusetMems", r.cpuset_mems);
}

void read_memory(const JsonReader& reader, Resources& r) {
  reader.read("Memory", r.memory);
  reader.read("MemoryReservation", r.memory_reservation);
  reader.read("MemorySwap", r.memory_swap);
  reader.read("KernelMemory", r.kernel_memory);
  reader.read("KernelMemoryTCP", r.kernel_memory_tcp);
  reader.read("MemorySwappiness", r.memory_swappiness);
  reader.read("OomKillDisable", r.oom_kill_disable);
  reader.read("PidsLimit", r.pids_limit);
  reader.read_objects("Ulimits", r.ulimits, ulimit_from);
}

void read_devices(const JsonReader& reader, Resources& r) {
  reader.read("BlkioWeight", r.blkio_weight);
  reader.read_objects("BlkioWeightDevice", r.blkio_weight_device, weight_from);
  reader.read_objects("BlkioDeviceReadBps", r.blkio_device_read_bps, throttle_from);
  reader.read_objects("BlkioDeviceWriteBps", r.blkio_device_write_bps, throttle_from);
  reader.read_objects("BlkioDeviceReadIOps", r.blkio_device_read_iops, throttle_from);
  reader.read_objects("BlkioDeviceWriteIOps", r.blkio_device_write_iops, throttle_from);
  reader.read_objects("Devices", r.devices, device_from);
  reader.read("DeviceCgroupRules", r.device_cgroup_rules);
  reader.read("DeviceRequests", r.device_requests);
}

} // namespace

void read_resources(const JsonReader& reader, Resources& r) {
  reader.read("CgroupParent", r.cgroup_parent);
  read_cpu(reader, r);
  read_memory(reader, r);
  read_devices(reader, r);
  reader.read("CpuCount", r.cpu_count);
  reader.read("CpuPercent", r.cpu_percent);
  reader.read("IOMaximumIOps", r.io_maximum_iops);
  reader.read("IOMaximumBandwidth", r.io_maximum_bandwidth);
}

void write_resources(Json& json, const Resources& r) {
  json["CpuShares"] = r.cpu_shares;
  json["Memory"] = r.memory;
  json["NanoCpus"] = r.nano_cpus;
  json["CgroupParent"] = r.cgroup_parent;
  json["BlkioWeight"] = r.blkio_weight;
  json["BlkioWeightDevice"] = weights_json(r.blkio_weight_device);
  json["BlkioDeviceReadBps"] = throttle_json(r.blkio_device_read_bps);
  json["BlkioDeviceWriteBps"] = throttle_json(r.blkio_device_write_bps);
  json["BlkioDeviceReadIOps"] = throttle_json(r.blkio_device_read_iops);
  json["BlkioDeviceWriteIOps"] = throttle_json(r.blkio_device_write_iops);
  json["CpuPeriod"] = r.cpu_period;
  json["CpuQuota"] = r.cpu_quota;
  json["CpuRealtimePeriod"] = r.cpu_realtime_period;
  json["CpuRealtimeRuntime"] = r.cpu_realtime_runtime;
  json["CpusetCpus"] = r.cpuset_cpus;
  json["CpusetMems"] = r.cpuset_mems;
  json["Devices"] = devices_json(r.devices);
  json["DeviceCgroupRules"] = null_if_empty(r.device_cgroup_rules);
  json["DeviceRequests"] = r.device_requests;
  json["MemoryReservation"] = r.memory_reservation;
  json["MemorySwap"] = r.memory_swap;
  json["MemorySwappiness"] = null_if_absent(r.memory_swappiness);
  json["OomKillDisable"] = null_if_absent(r.oom_kill_disable);
  json["PidsLimit"] = null_if_absent(r.pids_limit);
  json["Ulimits"] = ulimits_json(r.ulimits);
  if (r.kernel_memory != 0) json["KernelMemory"] = r.kernel_memory;
  if (r.kernel_memory_tcp != 0) json["KernelMemoryTCP"] = r.kernel_memory_tcp;
  json["CpuCount"] = r.cpu_count;
  json["CpuPercent"] = r.cpu_percent;
  json["IOMaximumIOps"] = r.io_maximum_iops;
  json["IOMaximumBandwidth"] = r.io_maximum_bandwidth;
}

} // namespace gantry::containers
