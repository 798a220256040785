#include "driver/counter_files.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>
#include <algorithm>
#include <charconv>

namespace gantry::runtime_linux {
namespace {

struct Place {
  const char* controller; ///< "" in the v2 tree; "proc": below /proc/PID
  const char* file;
  const char* second = nullptr; ///< instead of a missing `file`
};

/// In the order of Counter.
constexpr Place places[] = {
    {"cpuacct", "cpuacct.stat"},
    {"cpuacct", "cpuacct.usage_percpu"},
    {"cpu", "cpu.stat"},
    {"memory", "memory.usage_in_bytes"},
    {"memory", "memory.max_usage_in_bytes"},
    {"memory", "memory.limit_in_bytes"},
    {"memory", "memory.failcnt"},
    {"memory", "memory.stat"},
    {"memory", "memory.oom_control"},
    {"blkio", "blkio.bfq.io_service_bytes_recursive", "blkio.throttle.io_service_bytes_recursive"},
    {"blkio", "blkio.bfq.io_serviced_recursive", "blkio.throttle.io_serviced_recursive"},
    {"", "cpu.stat"},
    {"", "memory.current"},
    {"", "memory.peak"},
    {"", "memory.max"},
    {"", "memory.stat"},
    {"", "memory.events"},
    {"", "io.stat"},
    {"pids", "pids.current"},
    {"pids", "pids.max"},
    {"", "cpu.pressure"},
    {"", "memory.pressure"},
    {"", "io.pressure"},
    {"proc", "net/dev"},
};
static_assert(std::size(places) == static_cast<std::size_t>(Counter::count));

constexpr std::chrono::seconds kept_unused(10);

const Place& place_of(Counter counter) { return places[static_cast<std::size_t>(counter)]; }

} // namespace

CounterFiles::CounterFiles(const Hierarchies& hierarchies, const ContainerState& state)
    : cgroup_(hierarchies, state.cgroup_path), pid_(state.pid) {
  known_.fill(untried);
}

std::string CounterFiles::path(Counter counter) const {
  const std::string controller = place_of(counter).controller;
  if (controller == "proc") return "/proc/" + std::to_string(pid_);
  if (controller.empty()) return cgroup_.v2_directory();
  return cgroup_.directory(controller);
}

int CounterFiles::open(Counter counter) const {
  const std::string directory = path(counter);
  if (directory.empty()) return -1;
  const Place& place = place_of(counter);
  const int fd = ::open((directory + '/' + place.file).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd >= 0 || place.second == nullptr) return fd;
  return ::open((directory + '/' + place.second).c_str(), O_RDONLY | O_CLOEXEC);
}

std::string_view CounterFiles::read(Counter counter) {
  const auto at = static_cast<std::size_t>(counter);
  if (known_[at] == missing) return {};
  if (!files_[at]) {
    files_[at].reset(open(counter));
    known_[at] = files_[at] ? 0 : missing;
    if (!files_[at]) return {};
  }
  ssize_t size = ::pread(files_[at].get(), text_.data(), text_.size(), 0);
  if (size <= 0) return {};
  if (text_[static_cast<std::size_t>(size) - 1] == '\n') --size;
  return {text_.data(), static_cast<std::size_t>(size)};
}

std::uint64_t CounterFiles::number(Counter counter, std::uint64_t otherwise) {
  const std::string_view text = read(counter);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end != text.data() ? value : otherwise;
}

CounterCache::CounterCache(std::size_t most) : most_(most) {}

std::shared_ptr<CounterFiles> CounterCache::get(const std::string& id, const Make& make) {
  const auto now = Clock::now();
  {
    const std::lock_guard lock(guard_);
    while (!items_.empty() && now - items_.back().used > kept_unused) drop_last();
    const auto found = by_id_.find(id);
    if (found != by_id_.end()) {
      found->second->used = now;
      items_.splice(items_.begin(), items_, found->second);
      return found->second->files;
    }
  }
  auto files = make();
  const std::lock_guard lock(guard_);
  if (by_id_.contains(id)) return files; // somebody else was faster
  items_.push_front({id, files, now});
  by_id_.emplace(items_.front().id, items_.begin());
  if (items_.size() > most_) drop_last();
  return files;
}

void CounterCache::drop(const std::string& id) {
  const std::lock_guard lock(guard_);
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return;
  const auto item = found->second;
  by_id_.erase(found);
  items_.erase(item);
}

std::size_t CounterCache::size() {
  const std::lock_guard lock(guard_);
  return items_.size();
}

void CounterCache::drop_last() {
  by_id_.erase(items_.back().id);
  items_.pop_back();
}

std::size_t most_counter_files() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return std::clamp<std::size_t>(limit.rlim_cur / 4 / std::size(places), 1, 1024);
}

} // namespace gantry::runtime_linux
