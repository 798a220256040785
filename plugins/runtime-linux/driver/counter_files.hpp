#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <gantry/sdk/fd.hpp>
#include <gantry/sdk/runtime.hpp>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "cgroup/container_cgroup.hpp"
#include "driver/run_dir.hpp"

namespace gantry::runtime_linux {

/// Where a container's counters are. The v1 files are in the hierarchy of their controller, the others in the v2 tree, which
/// counts pressure beside v1 too.
enum class Counter : std::uint8_t {
  v1_cpu_split,
  v1_cpu_each,
  v1_cpu_throttled,
  v1_memory,
  v1_memory_max,
  v1_memory_limit,
  v1_memory_failures,
  v1_memory_parts,
  v1_memory_oom,
  v1_io_bytes,
  v1_io_operations,
  v2_cpu,
  v2_memory,
  v2_memory_peak,
  v2_memory_limit,
  v2_memory_parts,
  v2_memory_events,
  v2_io,
  pids,
  pids_limit,
  cpu_pressure,
  memory_pressure,
  io_pressure,
  networks,
  count
};

/// What seldom changes, or is an average over seconds anyway, as it was at the last look.
struct RareCounters {
  std::chrono::steady_clock::time_point read; ///< zero: never
  std::uint64_t memory_limit = 0, pids_limit = 0;
  bool has_quota = false, has_interfaces = false;
  std::string cpu;      ///< the file of the CPU time that was used
  RuntimeStats stats;   ///< the further counters without networks and closing bracket
  std::string io_bytes; ///< the file that `io` was made of
  // Parts of the further counters' JSON:
  std::string throttling, memory_failures, io, pressure;
};

/// Reads one container's counter files and keeps them open: opening a cgroup file costs several times as much as reading it.
class CounterFiles {
 public:
  CounterFiles(const Hierarchies& hierarchies, const ContainerState& state);

  /// The file's text; empty when there is none. Valid until the next call.
  std::string_view read(Counter counter);
  /// A number; "max" and what is missing read as `otherwise`.
  std::uint64_t number(Counter counter, std::uint64_t otherwise = 0);
  std::uint32_t version() const { return cgroup_.version(); }

  std::mutex guard; ///< whoever reads holds it
  RareCounters rare;

 private:
  static constexpr int untried = -1, missing = -2;
  int open(Counter counter) const;
  std::string path(Counter counter) const;

  ContainerCgroup cgroup_;
  std::int32_t pid_;
  std::array<int, static_cast<std::size_t>(Counter::count)> known_{};
  std::array<UniqueFd, static_cast<std::size_t>(Counter::count)> files_;
  std::array<char, 16384> text_{};
};

/// The open files of the containers that were asked for lately. Thread-safe. Closes what has not been used for a while, and
/// the oldest when there are too many.
class CounterCache {
 public:
  using Make = std::function<std::shared_ptr<CounterFiles>()>;
  explicit CounterCache(std::size_t most);
  std::shared_ptr<CounterFiles> get(const std::string& id, const Make& make);
  void drop(const std::string& id);
  std::size_t size();

 private:
  using Clock = std::chrono::steady_clock;
  struct Item {
    std::string id;
    std::shared_ptr<CounterFiles> files;
    Clock::time_point used;
  };
  void drop_last();

  const std::size_t most_;
  std::mutex guard_;
  std::list<Item> items_;                                                 ///< the latest used in front
  std::unordered_map<std::string_view, std::list<Item>::iterator> by_id_; ///< the key is the item's
};

/// How many containers' files may be open at once: a quarter of the process's descriptors.
std::size_t most_counter_files();

} // namespace gantry::runtime_linux
