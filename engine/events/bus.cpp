#include "events/bus.hpp"

#include <deque>
#include <mutex>
#include <utility>

#include "base/time.hpp"

namespace gantry::events {

namespace {

constexpr std::size_t kept = 1024;

} // namespace

struct Bus::Impl {
  std::mutex guard;
  std::deque<EventPtr> recent;
  std::map<std::uint64_t, Listener> listeners;
  std::uint64_t next_key = 1;
};

Bus::Bus() : impl_(std::make_unique<Impl>()) {}
Bus::~Bus() = default;

void Bus::publish(Event event) {
  std::lock_guard lock(impl_->guard);
  if (event.time_ns == 0) event.time_ns = now_ns();
  const EventPtr shared = std::make_shared<const Event>(std::move(event));
  impl_->recent.push_back(shared);
  if (impl_->recent.size() > kept) impl_->recent.pop_front();
  for (const auto& [key, listener] : impl_->listeners) listener(shared);
}

Bus::Subscription Bus::subscribe(std::int64_t since_ns, Listener listener) {
  std::lock_guard lock(impl_->guard);
  if (since_ns != 0) {
    for (const auto& event : impl_->recent) {
      if (event->time_ns >= since_ns) listener(event);
    }
  }
  const auto key = impl_->next_key++;
  impl_->listeners.emplace(key, std::move(listener));
  return {this, key};
}

void Bus::unsubscribe(std::uint64_t key) {
  std::lock_guard lock(impl_->guard);
  impl_->listeners.erase(key);
}

Bus::Subscription::Subscription(Subscription&& o) noexcept : bus_(std::exchange(o.bus_, nullptr)), key_(o.key_) {}

Bus::Subscription& Bus::Subscription::operator=(Subscription&& o) noexcept {
  std::swap(bus_, o.bus_);
  std::swap(key_, o.key_);
  return *this;
}

Bus::Subscription::~Subscription() {
  if (bus_) bus_->unsubscribe(key_);
}

} // namespace gantry::events
