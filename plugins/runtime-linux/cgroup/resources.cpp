#include "cgroup/resources.hpp"

#include <unistd.h>
#include <algorithm>
#include <cmath>

#include <gantry/sdk/error.hpp>

#include "cgroup/container_cgroup.hpp"
#include "cgroup/files.hpp"

namespace gantry::runtime_linux {
namespace {

using Json = nlohmann::json;

/// Collects the members that are set; absent and null ones change nothing.
class Collector {
 public:
  Collector(const ContainerCgroup& cgroup, const Json& resources) : cgroup_(cgroup), resources_(resources) {}

  const Json& section(const char* name) const { return member(resources_, name); }
  static const Json& member(const Json& object, const char* name) {
    static const Json absent;
    return object.is_object() && object.contains(name) ? object[name] : absent;
  }

  void put(const char* controller, const std::string& file, const std::string& value) {
    values.push_back({cgroup_.directory(controller) + "/" + file, value});
  }
  void number(const char* section_name, const char* name, const char* controller, const char* file) {
    const Json& value = member(section(section_name), name);
    if (value.is_number()) put(controller, file, value.dump());
  }
  /// Of the cpuset; an empty list is the parent's, which v1 does not know by itself.
  void list(const char* name, const char* file) {
    const Json& value = member(section("cpu"), name);
    if (!value.is_string()) return;
    const auto text = value.get<std::string>();
    put("cpuset", file, text.empty() && cgroup_.version() == 1 ? parents("cpuset", file) : text);
  }
  bool has_file(const char* controller, const std::string& file) const {
    return ::access((cgroup_.directory(controller) + "/" + file).c_str(), F_OK) == 0;
  }

  std::vector<CgroupValue> values;

 private:
  std::string parents(const char* controller, const char* file) const {
    const std::string own = cgroup_.directory(controller);
    return read_text(own.substr(0, own.rfind('/') + 1) + file);
  }

  const ContainerCgroup& cgroup_;
  const Json& resources_;
};

std::string device_name(const Json& device) {
  return std::to_string(device.at("major").get<std::int64_t>()) + ":" + std::to_string(device.at("minor").get<std::int64_t>());
}

std::string limit_text(const Json& value) { return value.get<std::int64_t>() <= 0 ? "max" : value.dump(); }

void memory_v1(Collector& out) {
  out.number("memory", "limit", "memory", "memory.limit_in_bytes");
  out.number("memory", "swap", "memory", "memory.memsw.limit_in_bytes");
  out.number("memory", "reservation", "memory", "memory.soft_limit_in_bytes");
  out.number("memory", "kernelTCP", "memory", "memory.kmem.tcp.limit_in_bytes");
  out.number("memory", "swappiness", "memory", "memory.swappiness");
  const Json& disabled = out.member(out.section("memory"), "disableOOMKiller");
  if (disabled.is_boolean() && disabled.get<bool>()) out.put("memory", "memory.oom_control", "1");
}

void cpu_v1(Collector& out) {
  out.number("cpu", "shares", "cpu", "cpu.shares");
  out.number("cpu", "period", "cpu", "cpu.cfs_period_us");
  out.number("cpu", "quota", "cpu", "cpu.cfs_quota_us");
  out.number("cpu", "burst", "cpu", "cpu.cfs_burst_us");
  out.number("cpu", "realtimePeriod", "cpu", "cpu.rt_period_us");
  out.number("cpu", "realtimeRuntime", "cpu", "cpu.rt_runtime_us");
  out.number("cpu", "idle", "cpu", "cpu.idle");
  out.list("cpus", "cpuset.cpus");
  out.list("mems", "cpuset.mems");
}

void block_io_v1(Collector& out) {
  const Json& io = out.section("blockIO");
  const bool cfq = out.has_file("blkio", "blkio.weight");
  const char* weight = cfq ? "blkio.weight" : "blkio.bfq.weight";
  // 0: the kernel's default.
  if (const Json& wanted = out.member(io, "weight"); wanted.is_number() && (wanted != 0 || out.has_file("blkio", weight)))
    out.put("blkio", weight, wanted == 0 ? (cfq ? "500" : "100") : wanted.dump());
  for (const Json& each : out.member(io, "weightDevice"))
    if (each.contains("weight"))
      out.put("blkio", std::string(weight) + "_device", device_name(each) + " " + each["weight"].dump());
  constexpr const char* throttles[][2] = {{"throttleReadBpsDevice", "blkio.throttle.read_bps_device"},
                                          {"throttleWriteBpsDevice", "blkio.throttle.write_bps_device"},
                                          {"throttleReadIOPSDevice", "blkio.throttle.read_iops_device"},
                                          {"throttleWriteIOPSDevice", "blkio.throttle.write_iops_device"}};
  for (const auto& [name, file] : throttles)
    for (const Json& each : out.member(io, name)) out.put("blkio", file, device_name(each) + " " + each.at("rate").dump());
}

void network_v1(Collector& out) {
  out.number("network", "classID", "net_cls", "net_cls.classid");
  for (const Json& each : out.member(out.section("network"), "priorities"))
    out.put("net_prio", "net_prio.ifpriomap", each.at("name").get<std::string>() + " " + each.at("priority").dump());
}

void memory_v2(Collector& out) {
  const Json& memory = out.section("memory");
  const Json& limit = out.member(memory, "limit");
  const Json& swap = out.member(memory, "swap");
  if (limit.is_number()) out.put("memory", "memory.max", limit_text(limit));
  // OCI counts memory and swap together, cgroup v2 apart.
  if (swap.is_number()) {
    const auto total = swap.get<std::int64_t>();
    const auto base = limit.is_number() ? limit.get<std::int64_t>() : 0;
    out.put("memory", "memory.swap.max",
            total < 0 ? "max" : std::to_string(std::max<std::int64_t>(0, total - std::max<std::int64_t>(0, base))));
  }
  const Json& reservation = out.member(memory, "reservation");
  if (reservation.is_number())
    out.put("memory", "memory.low", std::to_string(std::max<std::int64_t>(0, reservation.get<std::int64_t>())));
}

/// [2, 262144] → [1, 10000], as the OCI documents prescribe.
std::string weight_of_shares(std::uint64_t shares) {
  if (shares == 0) return "100";
  return std::to_string(1 + (std::clamp<std::uint64_t>(shares, 2, 262144) - 2) * 9999 / 262142);
}

void cpu_v2(Collector& out) {
  const Json& cpu = out.section("cpu");
  const Json& shares = out.member(cpu, "shares");
  if (shares.is_number()) out.put("cpu", "cpu.weight", weight_of_shares(shares.get<std::uint64_t>()));
  const Json& quota = out.member(cpu, "quota");
  const Json& period = out.member(cpu, "period");
  if (quota.is_number() || period.is_number())
    out.put("cpu", "cpu.max",
            (quota.is_number() ? limit_text(quota) : "max") + " " + (period.is_number() ? period.dump() : "100000"));
  out.number("cpu", "burst", "cpu", "cpu.max.burst");
  out.number("cpu", "idle", "cpu", "cpu.idle");
  out.list("cpus", "cpuset.cpus");
  out.list("mems", "cpuset.mems");
}

/// blkio's [10, 1000] → io.weight's [1, 10000].
std::string io_weight(std::uint64_t weight) {
  return std::to_string(1 + (std::clamp<std::uint64_t>(weight, 10, 1000) - 10) * 9999 / 990);
}

void weights_v2(Collector& out, const Json& io) {
  const bool bfq = out.has_file("io", "io.bfq.weight");
  const std::string file = bfq ? "io.bfq.weight" : "io.weight";
  // 0: the kernel's default.
  const auto text = [bfq](const Json& weight) {
    return weight == 0 ? "100" : bfq ? weight.dump() : io_weight(weight.get<std::uint64_t>());
  };
  const Json& weight = out.member(io, "weight");
  if (weight.is_number() && (weight != 0 || out.has_file("io", file))) out.put("io", file, "default " + text(weight));
  for (const Json& each : out.member(io, "weightDevice"))
    if (each.contains("weight")) out.put("io", file, device_name(each) + " " + text(each["weight"]));
}

void block_io_v2(Collector& out) {
  const Json& io = out.section("blockIO");
  weights_v2(out, io);
  constexpr const char* throttles[][2] = {{"throttleReadBpsDevice", "rbps"},
                                          {"throttleWriteBpsDevice", "wbps"},
                                          {"throttleReadIOPSDevice", "riops"},
                                          {"throttleWriteIOPSDevice", "wiops"}};
  for (const auto& [name, key] : throttles)
    for (const Json& each : out.member(io, name))
      out.put("io", "io.max", device_name(each) + " " + key + "=" + each.at("rate").dump());
}

void pids(Collector& out) {
  const Json& limit = out.member(out.section("pids"), "limit");
  if (limit.is_number()) out.put("pids", "pids.max", limit_text(limit));
}

void huge_pages(Collector& out, const char* suffix) {
  for (const Json& each : out.section("hugepageLimits"))
    out.put("hugetlb", "hugetlb." + each.at("pageSize").get<std::string>() + suffix, each.at("limit").dump());
}

} // namespace

std::vector<CgroupValue> values_v1(const ContainerCgroup& cgroup, const Json& resources) {
  Collector out(cgroup, resources);
  memory_v1(out);
  cpu_v1(out);
  pids(out);
  block_io_v1(out);
  network_v1(out);
  huge_pages(out, ".limit_in_bytes");
  return std::move(out.values);
}

std::vector<CgroupValue> values_v2(const ContainerCgroup& cgroup, const Json& resources) {
  Collector out(cgroup, resources);
  memory_v2(out);
  cpu_v2(out);
  pids(out);
  block_io_v2(out);
  huge_pages(out, ".max");
  const Json& unified = out.section("unified");
  if (unified.is_object())
    for (const auto& [file, value] : unified.items()) {
      if (file.find('/') != std::string::npos)
        throw Error(Code::invalid, "unified resource \"" + file + "\" must be a file name without \"/\"");
      out.put("", file, value.get<std::string>());
    }
  return std::move(out.values);
}

} // namespace gantry::runtime_linux
