#include "containers/stats_collector.hpp"

#include <set>

namespace gantry::containers {

StatsCollector::Subscribed StatsCollector::subscribe(std::string id, Listener listener) {
  const std::lock_guard lock(guard_);
  const std::uint64_t key = next_key_++;
  watchers_.emplace(key, Watcher{std::move(id), std::move(listener)});
  return {Subscription(this, key), !std::exchange(running_, true)};
}

void StatsCollector::unsubscribe(std::uint64_t key) {
  const std::lock_guard lock(guard_);
  watchers_.erase(key);
}

bool StatsCollector::sample_all() {
  std::set<std::string> ids;
  {
    const std::lock_guard lock(guard_);
    for (const auto& [key, watcher] : watchers_) ids.insert(watcher.id);
    running_ = !ids.empty();
    if (!running_) return false;
  }
  const HostCpu host = read_host_cpu();
  // Read without the lock, so that nobody who comes or goes waits for the kernel.
  std::map<std::string, StatsSamplePtr> samples;
  for (const std::string& id : ids) samples.emplace(id, sampler_(id, host));
  const std::lock_guard lock(guard_);
  for (const auto& [key, watcher] : watchers_) {
    const auto sample = samples.find(watcher.id);
    if (sample != samples.end()) watcher.listener(sample->second);
  }
  return true;
}

Task<void> StatsCollector::run(Pool& pool, std::chrono::nanoseconds period) {
  Latch never;
  auto round = [this] { return sample_all(); };
  for (;;) {
    co_await never.wait_for(period);
    const bool watched = co_await on(pool, round);
    if (!watched) co_return;
  }
}

} // namespace gantry::containers
