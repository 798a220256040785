#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "base/async.hpp"
#include "containers/stats_sample.hpp"

namespace gantry::containers {

/// Samples the containers that somebody watches, all in one go once a second: a watcher costs its reading of counters and
/// nothing else. Thread-safe.
class StatsCollector {
 public:
  /// Called on a pool thread with a sample, or null once the container has gone: must only hand over.
  using Listener = std::function<void(StatsSamplePtr)>;
  /// A sample of one container; null when there is no such container. May block.
  using Sampler = std::function<StatsSamplePtr(const std::string& id, const HostCpu&)>;

  class Subscription {
   public:
    Subscription(StatsCollector* collector, std::uint64_t key) : collector_(collector), key_(key) {}
    Subscription(Subscription&& o) noexcept : collector_(std::exchange(o.collector_, nullptr)), key_(o.key_) {}
    Subscription& operator=(Subscription&&) = delete;
    ~Subscription() {
      if (collector_) collector_->unsubscribe(key_);
    }

   private:
    StatsCollector* collector_;
    std::uint64_t key_;
  };

  explicit StatsCollector(Sampler sampler) : sampler_(std::move(sampler)) {}

  /// `first`: whoever subscribes has to see to it that run() is running.
  struct Subscribed {
    Subscription subscription;
    bool first;
  };
  Subscribed subscribe(std::string id, Listener listener);
  /// Samples until nobody watches any more.
  Task<void> run(Pool& pool, std::chrono::nanoseconds period = std::chrono::seconds(1));

 private:
  struct Watcher {
    std::string id;
    Listener listener;
  };
  void unsubscribe(std::uint64_t key);
  /// False, and the collector is no longer running, when nobody watches.
  bool sample_all();

  const Sampler sampler_;
  std::mutex guard_; ///< held while listeners are called: none is called after its subscription has gone
  std::map<std::uint64_t, Watcher> watchers_;
  std::uint64_t next_key_ = 1;
  bool running_ = false;
};

} // namespace gantry::containers
