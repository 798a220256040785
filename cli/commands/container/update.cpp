#include "cli/args/flag_set.hpp"
#include "cli/args/numbers.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/container/each.hpp"
#include "cli/commands/container/flag_values.hpp"
#include "cli/commands/container/ports.hpp"

namespace gantry::cli {
namespace {

struct UpdateOptions {
  std::int64_t blkio_weight = 0, cpu_period = 0, cpu_quota = 0, cpu_rt_period = 0, cpu_rt_runtime = 0, cpu_shares = 0, cpus = 0,
               kernel_memory = 0, memory = 0, memory_reservation = 0, memory_swap = 0, pids_limit = 0;
  std::string cpuset_cpus, cpuset_mems, restart;
  std::vector<std::string> egress, publish, withdraw, mount, unmount;
};

constexpr const char* all_flags[] = {
    "blkio-weight", "cpu-period",  "cpu-quota",     "cpu-rt-period", "cpu-rt-runtime",     "cpu-shares",  "cpus",
    "cpuset-cpus",  "cpuset-mems", "kernel-memory", "memory",        "memory-reservation", "memory-swap", "pids-limit",
    "restart",      "egress",      "publish-add",   "publish-rm",    "mount-add",          "mount-rm"};

void add_flags(FlagSet& f, UpdateOptions& o) {
  f.value(
       "blkio-weight", 0, "uint16", o.blkio_weight, [](const std::string& s) { return parse_uint(s, 65535); },
       "Relative weight of block I/O, 10 to 1000; 0 leaves it as it is")
      .standard = "0";
  f.integer("cpu-period", 0, o.cpu_period, "Period of the CPU quota in microseconds");
  f.integer("cpu-quota", 0, o.cpu_quota, "CPU time per period in microseconds; -1: no limit");
  f.integer("cpu-rt-period", 0, o.cpu_rt_period, "Period of the real-time limit in microseconds");
  f.integer("cpu-rt-runtime", 0, o.cpu_rt_runtime, "Real-time CPU time per period in microseconds");
  f.integer("cpu-shares", 'c', o.cpu_shares, "Relative weight of CPU time");
  f.value("cpus", 0, "decimal", o.cpus, parse_cpus, "Number of CPUs");
  f.text("cpuset-cpus", 0, o.cpuset_cpus, "CPUs that may be used (0-3, 0,1)");
  f.text("cpuset-mems", 0, o.cpuset_mems, "Memory nodes that may be used (0-3, 0,1)");
  f.value("kernel-memory", 0, "bytes", o.kernel_memory, parse_bytes, "Limit of kernel memory").hidden = true;
  f.value("memory", 'm', "bytes", o.memory, parse_bytes, "Limit of memory");
  f.value("memory-reservation", 0, "bytes", o.memory_reservation, parse_bytes, "Soft limit of memory");
  f.value("memory-swap", 0, "bytes", o.memory_swap, parse_swap, "Limit of memory and swap together; '-1': no limit");
  f.integer("pids-limit", 0, o.pids_limit, "Limit of processes; -1: no limit");
  f.text("restart", 0, o.restart, "What to do when the container exits");
  f.list("egress", 0, o.egress, "What it may reach from now on (\"none\", \"any\": everything)", "destination");
  f.list("publish-add", 0, o.publish, "Publish further ports, without a restart", "port");
  f.list("publish-rm", 0, o.withdraw, "Publish these ports no more, without a restart", "port");
  f.add({"mount-add",
         0,
         "mount",
         "Mount a bind or a volume (as --mount of run), without a restart",
         {},
         [&o](const std::string& s) {
           check_mount(s);
           o.mount.push_back(s);
         }});
  f.list("mount-rm", 0, o.unmount, "Unmount the bind or volume at this path, without a restart", "path");
}

Json restart_policy(const std::string& text) {
  if (text.empty()) return {{"Name", ""}, {"MaximumRetryCount", 0}};
  try {
    return parse_restart_policy(text);
  } catch (const Failure& e) {
    throw Failure(e.what()); // not the code of `run`
  }
}

/// What Docker's API has no place for; null: nothing.
Json extensions(const UpdateOptions& o) {
  Json out;
  if (!o.egress.empty()) out["Egress"] = o.egress;
  if (!o.publish.empty()) out["Publish"] = parse_ports(o.publish, {}).bindings;
  if (!o.withdraw.empty()) out["Withdraw"] = parse_ports(o.withdraw, {}).bindings;
  for (const auto& text : o.mount) out["Mount"].push_back(parse_mount(text));
  if (!o.unmount.empty()) out["Unmount"] = o.unmount;
  return out;
}

Json update_body(const UpdateOptions& o, const FlagSet& flags) {
  Json body{{"BlkioWeight", o.blkio_weight},
            {"CpuPeriod", o.cpu_period},
            {"CpuQuota", o.cpu_quota},
            {"CpuRealtimePeriod", o.cpu_rt_period},
            {"CpuRealtimeRuntime", o.cpu_rt_runtime},
            {"CpuShares", o.cpu_shares},
            {"NanoCpus", o.cpus},
            {"CpusetCpus", o.cpuset_cpus},
            {"CpusetMems", o.cpuset_mems},
            {"Memory", o.memory},
            {"MemoryReservation", o.memory_reservation},
            {"MemorySwap", o.memory_swap},
            {"RestartPolicy", restart_policy(o.restart)}};
  if (flags.changed("pids-limit")) body["PidsLimit"] = o.pids_limit;
  if (Json more = extensions(o); !more.is_null()) body["Gantry"] = std::move(more);
  return body;
}

bool any_changed(const FlagSet& flags) {
  for (const char* name : all_flags)
    if (flags.changed(name)) return true;
  return false;
}

} // namespace

int update_containers(Invocation& in) {
  UpdateOptions options;
  FlagSet flags(in);
  add_flags(flags, options);
  const auto names = flags.parse();
  if (!any_changed(flags)) throw Failure("you must provide one or more flags when using this command");
  const Json body = update_body(options, flags);
  std::vector<std::string> warnings;
  const auto print_warnings = [&] {
    for (const std::string& warning : warnings) print_line(warning);
  };
  try {
    for_each_name(names, [&](const std::string& name) {
      const Json answer = in.client.call({"POST", "/containers/" + url_encode(name) + "/update", {}, body}).read_json();
      print_line(name);
      for (const Json& warning : answer.value("Warnings", Json())) warnings.push_back(warning.get<std::string>());
    });
  } catch (const Failure&) {
    print_warnings();
    throw;
  }
  print_warnings();
  return 0;
}

} // namespace gantry::cli
