#include "driver/linux_driver.hpp"
#include "driver/stats_text.hpp"

// Counters of a container, in Docker's names where they have no field of their own.
namespace gantry::runtime_linux {
namespace {

/// cpuacct.stat counts in ticks.
constexpr std::uint64_t nanoseconds_per_tick = 10'000'000;

void append_throttling(std::string& out, std::string_view cpu_stat, const char* time_name, std::uint64_t time_unit) {
  out += "\"throttling_data\":{\"periods\":" + std::to_string(pair_value(cpu_stat, "nr_periods"));
  out += ",\"throttled_periods\":" + std::to_string(pair_value(cpu_stat, "nr_throttled"));
  out += ",\"throttled_time\":" + std::to_string(pair_value(cpu_stat, time_name) * time_unit) + '}';
}

void read_cpu_v1(CounterFiles& files, RuntimeStats& stats, std::string& extra) {
  stats.cpu_total_ns = files.number(Counter::v1_cpu_total);
  const std::string_view ticks = files.read(Counter::v1_cpu_split);
  stats.cpu_user_ns = pair_value(ticks, "user") * nanoseconds_per_tick;
  stats.cpu_system_ns = pair_value(ticks, "system") * nanoseconds_per_tick;
  extra += "\"cpu_stats\":{\"cpu_usage\":{\"percpu_usage\":";
  append_numbers(extra, files.read(Counter::v1_cpu_each));
  extra += "},";
  append_throttling(extra, files.read(Counter::v1_cpu_throttled), "throttled_time", 1);
  extra += '}';
}

void read_memory_v1(CounterFiles& files, RuntimeStats& stats, std::string& extra) {
  stats.memory_usage = files.number(Counter::v1_memory);
  stats.memory_max_usage = files.number(Counter::v1_memory_max);
  stats.memory_limit = files.number(Counter::v1_memory_limit);
  extra += ",\"memory_stats\":{\"stats\":";
  append_memory_parts_v1(extra, files.read(Counter::v1_memory_parts));
  extra += ",\"failcnt\":" + std::to_string(files.number(Counter::v1_memory_failures));
  extra += ",\"oom_kills\":" + std::to_string(pair_value(files.read(Counter::v1_memory_oom), "oom_kill")) + '}';
}

void read_v1(CounterFiles& files, RuntimeStats& stats, std::string& extra) {
  read_cpu_v1(files, stats, extra);
  read_memory_v1(files, stats, extra);
  extra += ",\"blkio_stats\":{\"io_service_bytes_recursive\":";
  append_block_io_v1(extra, files.read(Counter::v1_io_bytes));
  extra += ",\"io_serviced_recursive\":";
  append_block_io_v1(extra, files.read(Counter::v1_io_operations));
  extra += '}';
}

void read_cpu_v2(CounterFiles& files, RuntimeStats& stats, std::string& extra) {
  const std::string_view cpu = files.read(Counter::v2_cpu);
  stats.cpu_total_ns = pair_value(cpu, "usage_usec") * 1000;
  stats.cpu_user_ns = pair_value(cpu, "user_usec") * 1000;
  stats.cpu_system_ns = pair_value(cpu, "system_usec") * 1000;
  extra += "\"cpu_stats\":{";
  append_throttling(extra, cpu, "throttled_usec", 1000);
  extra += '}';
}

void read_memory_v2(CounterFiles& files, RuntimeStats& stats, std::string& extra) {
  stats.memory_usage = files.number(Counter::v2_memory);
  stats.memory_max_usage = files.number(Counter::v2_memory_peak);
  stats.memory_limit = files.number(Counter::v2_memory_limit, UINT64_MAX);
  extra += ",\"memory_stats\":{\"stats\":";
  append_memory_parts_v2(extra, files.read(Counter::v2_memory_parts));
  const std::string_view events = files.read(Counter::v2_memory_events);
  extra += ",\"failcnt\":" + std::to_string(pair_value(events, "oom"));
  extra += ",\"oom_kills\":" + std::to_string(pair_value(events, "oom_kill")) + '}';
}

void read_v2(CounterFiles& files, RuntimeStats& stats, std::string& extra) {
  read_cpu_v2(files, stats, extra);
  read_memory_v2(files, stats, extra);
  const std::string_view io = files.read(Counter::v2_io);
  extra += ",\"blkio_stats\":{\"io_service_bytes_recursive\":";
  append_block_io_v2(extra, io, true);
  extra += ",\"io_serviced_recursive\":";
  append_block_io_v2(extra, io, false);
  extra += '}';
}

void read_pids(CounterFiles& files, RuntimeStats& stats, std::string& extra) {
  stats.pids = files.number(Counter::pids);
  stats.pids_limit = files.number(Counter::pids_limit); // "max" is 0: none
  extra += ",\"pids_stats\":{\"current\":" + std::to_string(stats.pids);
  if (stats.pids_limit != 0) extra += ",\"limit\":" + std::to_string(stats.pids_limit);
  extra += '}';
}

void read_pressure(CounterFiles& files, std::string& extra) {
  constexpr std::pair<const char*, Counter> kinds[] = {
      {"cpu", Counter::cpu_pressure}, {"memory", Counter::memory_pressure}, {"io", Counter::io_pressure}};
  if (files.read(Counter::cpu_pressure).empty()) return; // a kernel without it
  extra += ",\"pressure_stats\":{";
  for (const auto& [name, counter] : kinds) {
    if (counter != Counter::cpu_pressure) extra += ',';
    ((extra += '"') += name) += "\":";
    append_pressure(extra, files.read(counter));
  }
  extra += '}';
}

RuntimeStats read_counters(CounterFiles& files) {
  RuntimeStats stats;
  std::string extra = "{";
  extra.reserve(3072);
  if (files.version() == 2)
    read_v2(files, stats, extra);
  else
    read_v1(files, stats, extra);
  read_pids(files, stats, extra);
  extra += ",\"networks\":";
  if (!append_networks(extra, files.read(Counter::networks))) extra += "{}";
  read_pressure(files, extra);
  extra += '}';
  stats.extra_json = std::move(extra);
  return stats;
}

} // namespace

RuntimeStats LinuxDriver::stats(Call&, const std::string& id) {
  const auto open = [&] { return std::make_shared<CounterFiles>(hierarchies_, state_of(id)); };
  for (const bool again : {false, true}) {
    const auto files = counters_.get(id, open);
    const std::lock_guard lock(files->guard);
    if (again || files->alive()) return read_counters(*files);
    counters_.drop(id); // of a run before this one
  }
  return {};
}

} // namespace gantry::runtime_linux
