#include "driver/linux_driver.hpp"
#include "driver/stats_text.hpp"

// Counters of a container, in Docker's names where they have no field of their own.
namespace gantry::runtime_linux {
namespace {

using Clock = std::chrono::steady_clock;

/// cpuacct.stat counts in ticks.
constexpr std::uint64_t nanoseconds_per_tick = 10'000'000;
/// From this on a limit of v1, rounded to pages, is none.
constexpr std::uint64_t no_limit = std::uint64_t{1} << 62;

/// One reading of a container's counters. Each file costs some microseconds, and somebody may watch hundreds of containers: what
/// seldom changes is read only every few seconds, and so is everything else of a container that has used no CPU since the last
/// look, as it has done nothing; what others do to it (reclaim, late writes) may be seen that much later.
class Reading {
 public:
  explicit Reading(CounterFiles& files)
      : files_(files), rare_(files.rare), rare_too_(is_due(rare_.read)), v2_(files.version() == 2) {}

  /// False when the cgroup is no more.
  bool read() {
    const std::string_view cpu = files_.read(v2_ ? Counter::v2_cpu : Counter::v1_cpu_each);
    if (cpu.empty()) return false;
    if (rare_too_ || cpu != rare_.cpu) {
      rare_.cpu = cpu;
      read_all();
    }
    stats_ = rare_.stats;
    read_networks();
    stats_.extra_json += '}';
    if (rare_too_) rare_.read = Clock::now();
    return true;
  }

  RuntimeStats take() { return std::move(stats_); }

 private:
  static constexpr std::chrono::milliseconds rarely{3500};
  static bool is_due(Clock::time_point last) { return last == Clock::time_point() || Clock::now() - last >= rarely; }

  void read_all() {
    extra_.reserve(3072);
    read_cpu();
    read_memory();
    read_block_io();
    read_pids();
    if (rare_too_) keep_pressure();
    extra_ += rare_.pressure;
    stats_.extra_json = std::move(extra_);
    rare_.stats = std::move(stats_);
  }

  void read_cpu() {
    extra_ += "{\"cpu_stats\":{";
    if (v2_)
      read_cpu_v2();
    else
      read_cpu_v1();
    (extra_ += rare_.throttling) += '}';
  }

  void read_cpu_v1() {
    stats_.cpu_total_ns = sum_of(rare_.cpu);
    extra_ += "\"cpu_usage\":{\"percpu_usage\":";
    append_numbers(extra_, rare_.cpu);
    extra_ += "},";
    const std::string_view ticks = files_.read(Counter::v1_cpu_split);
    stats_.cpu_user_ns = pair_value(ticks, "user") * nanoseconds_per_tick;
    stats_.cpu_system_ns = pair_value(ticks, "system") * nanoseconds_per_tick;
    // Nothing is counted without a quota.
    if (rare_too_ || rare_.has_quota) keep_throttling(files_.read(Counter::v1_cpu_throttled), "throttled_time", 1);
  }

  void read_cpu_v2() {
    stats_.cpu_total_ns = pair_value(rare_.cpu, "usage_usec") * 1000;
    stats_.cpu_user_ns = pair_value(rare_.cpu, "user_usec") * 1000;
    stats_.cpu_system_ns = pair_value(rare_.cpu, "system_usec") * 1000;
    keep_throttling(rare_.cpu, "throttled_usec", 1000);
  }

  void keep_throttling(std::string_view cpu_stat, const char* time_name, std::uint64_t time_unit) {
    const std::uint64_t periods = pair_value(cpu_stat, "nr_periods");
    rare_.has_quota = periods != 0;
    rare_.throttling = "\"throttling_data\":{\"periods\":" + std::to_string(periods);
    rare_.throttling += ",\"throttled_periods\":" + std::to_string(pair_value(cpu_stat, "nr_throttled"));
    rare_.throttling += ",\"throttled_time\":" + std::to_string(pair_value(cpu_stat, time_name) * time_unit) + '}';
  }

  void read_memory() {
    extra_ += ",\"memory_stats\":{\"stats\":";
    stats_.memory_usage = files_.number(v2_ ? Counter::v2_memory : Counter::v1_memory);
    stats_.memory_max_usage = files_.number(v2_ ? Counter::v2_memory_peak : Counter::v1_memory_max);
    if (v2_)
      append_memory_parts_v2(extra_, files_.read(Counter::v2_memory_parts));
    else
      append_memory_parts_v1(extra_, files_.read(Counter::v1_memory_parts));
    if (rare_too_)
      rare_.memory_limit = v2_ ? files_.number(Counter::v2_memory_limit, UINT64_MAX) : files_.number(Counter::v1_memory_limit);
    stats_.memory_limit = rare_.memory_limit;
    if (rare_too_ || rare_.memory_limit < no_limit) keep_memory_failures();
    (extra_ += rare_.memory_failures) += '}';
  }

  void keep_memory_failures() {
    std::uint64_t hits = 0, kills = 0;
    if (v2_) {
      const std::string_view events = files_.read(Counter::v2_memory_events);
      hits = pair_value(events, "oom");
      kills = pair_value(events, "oom_kill");
    } else {
      hits = files_.number(Counter::v1_memory_failures);
      kills = pair_value(files_.read(Counter::v1_memory_oom), "oom_kill");
    }
    rare_.memory_failures = ",\"failcnt\":" + std::to_string(hits) + ",\"oom_kills\":" + std::to_string(kills);
  }

  void read_block_io() {
    const std::string_view bytes = files_.read(v2_ ? Counter::v2_io : Counter::v1_io_bytes);
    if (rare_too_ || bytes != rare_.io_bytes) keep_block_io(std::string(bytes));
    extra_ += rare_.io;
  }

  /// Operations without bytes are flushes: they may be seen later.
  void keep_block_io(std::string bytes) {
    rare_.io = ",\"blkio_stats\":{\"io_service_bytes_recursive\":";
    if (v2_)
      append_block_io_v2(rare_.io, bytes, true);
    else
      append_block_io_v1(rare_.io, bytes);
    rare_.io += ",\"io_serviced_recursive\":";
    if (v2_)
      append_block_io_v2(rare_.io, bytes, false);
    else
      append_block_io_v1(rare_.io, files_.read(Counter::v1_io_operations));
    rare_.io += '}';
    rare_.io_bytes = std::move(bytes);
  }

  void read_pids() {
    stats_.pids = files_.number(Counter::pids);
    if (rare_too_) rare_.pids_limit = files_.number(Counter::pids_limit); // "max" is 0: none
    stats_.pids_limit = rare_.pids_limit;
    extra_ += ",\"pids_stats\":{\"current\":" + std::to_string(stats_.pids);
    if (stats_.pids_limit != 0) extra_ += ",\"limit\":" + std::to_string(stats_.pids_limit);
    extra_ += '}';
  }

  /// Packets come in without the container doing anything.
  void read_networks() {
    if (!rare_too_ && !rare_.has_interfaces) {
      stats_.extra_json += ",\"networks\":{}";
      return;
    }
    stats_.extra_json += ",\"networks\":";
    rare_.has_interfaces = append_networks(stats_.extra_json, files_.read(Counter::networks));
    if (!rare_.has_interfaces) stats_.extra_json += "{}";
  }

  void keep_pressure() {
    rare_.pressure.clear();
    const std::string_view cpu = files_.read(Counter::cpu_pressure);
    if (cpu.empty()) return; // a kernel without it
    append_pressure(rare_.pressure += ",\"pressure_stats\":{\"cpu\":", cpu);
    append_pressure(rare_.pressure += ",\"memory\":", files_.read(Counter::memory_pressure));
    append_pressure(rare_.pressure += ",\"io\":", files_.read(Counter::io_pressure));
    rare_.pressure += '}';
  }

  CounterFiles& files_;
  RareCounters& rare_;
  const bool rare_too_;
  const bool v2_;
  RuntimeStats stats_;
  std::string extra_;
};

} // namespace

RuntimeStats LinuxDriver::stats(Call&, const std::string& id) {
  const auto open = [&] { return std::make_shared<CounterFiles>(hierarchies_, state_of(id)); };
  for (const bool again : {false, true}) {
    const auto files = counters_.get(id, open);
    const std::lock_guard lock(files->guard);
    Reading reading(*files);
    if (reading.read()) return reading.take();
    counters_.drop(id); // of a run before this one
    if (again) break;
  }
  return {};
}

} // namespace gantry::runtime_linux
