#include "registry/flights.hpp"

namespace gantry::registry {

std::unique_ptr<Flights::Guard> Flights::begin(const std::string& chain) {
  std::lock_guard lock(guard_);
  if (!chains_.insert(chain).second) return nullptr;
  return std::make_unique<Guard>(*this, chain);
}

void Flights::wait(const std::string& chain, Cancel& cancel) {
  Cancel::Subscription wake(cancel, [this] {
    { std::lock_guard lock(guard_); }
    ended_.notify_all();
  });
  std::unique_lock lock(guard_);
  ended_.wait(lock, [&] { return !chains_.contains(chain) || cancel.is_set(); });
  cancel.check();
}

void Flights::end(const std::string& chain) {
  {
    std::lock_guard lock(guard_);
    chains_.erase(chain);
  }
  ended_.notify_all();
}

} // namespace gantry::registry
