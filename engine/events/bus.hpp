#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gantry::events {

/// Docker's event message (reference A.8). `type`: container image network volume daemon plugin builder.
struct Event {
  std::string type;
  std::string action;
  std::string actor_id;
  std::map<std::string, std::string> attributes;
  std::int64_t time_ns = 0; ///< filled by publish when 0
};

using EventPtr = std::shared_ptr<const Event>;

/// Publishes to subscribers in one total order and keeps the newest 1024 (Docker: 256) for `since`. Thread-safe. Outlives its
/// subscriptions.
class Bus {
 public:
  /// Called on the publisher's thread under the bus's lock, in order: must only hand over (queue + post).
  using Listener = std::function<void(const EventPtr&)>;

  class Subscription {
   public:
    Subscription() = default;
    Subscription(Bus* bus, std::uint64_t key) : bus_(bus), key_(key) {}
    Subscription(Subscription&& o) noexcept;
    Subscription& operator=(Subscription&& o) noexcept;
    ~Subscription();

   private:
    Bus* bus_ = nullptr;
    std::uint64_t key_ = 0;
  };

  Bus();
  ~Bus();
  void publish(Event event);
  /// Replays kept events with time_ns >= since_ns (0 = none) into `listener` and goes on live, without gap or repetition.
  Subscription subscribe(std::int64_t since_ns, Listener listener);

 private:
  struct Impl;
  void unsubscribe(std::uint64_t key);
  std::unique_ptr<Impl> impl_;
};

} // namespace gantry::events
