#include "base/error.hpp"
#include "base/time.hpp"
#include "containers/health/monitor.hpp"
#include "containers/health/rules.hpp"
#include "containers/parts.hpp"
#include "containers/prompt_call.hpp"

namespace gantry::containers {
namespace {

void check_pausable(const Container& container) {
  const auto refuse = [&](const char* why) { throw Error(Code::forbidden_state, "Container " + container.id + why); };
  if (container.phase == Phase::paused) refuse(" is already paused");
  if (container.phase == Phase::restarting) refuse(" is restarting, wait until the container is running");
  if (container.phase != Phase::running) throw Error(Code::forbidden_state, "container " + container.id + " is not running");
}

} // namespace

Task<void> ContainerService::pause(std::string reference) {
  const PartsPtr parts = impl_->parts;
  const EntryPtr entry = parts->index.find(reference);
  auto guard = co_await entry->mutex.lock();
  check_pausable(*entry->snapshot());
  auto job = [parts, entry] {
    DriverCall call(prompt_ns);
    parts->drivers.runtime.pause(call, entry->id);
    const auto paused = parts->apply(*entry, [](Container& c) {
      c.phase = Phase::paused;
      c.paused_ns = now_ns();
      suspend_health(c);
    });
    parts->publish(*paused, "pause");
  };
  co_await on(parts->pool, std::move(job));
  entry->end_health_round();
}

Task<void> ContainerService::unpause(std::string reference) {
  const PartsPtr parts = impl_->parts;
  const EntryPtr entry = parts->index.find(reference);
  auto guard = co_await entry->mutex.lock();
  if (entry->snapshot()->phase != Phase::paused) {
    throw Error(Code::forbidden_state, "Container " + entry->id + " is not paused");
  }
  auto job = [parts, entry] {
    DriverCall call(prompt_ns);
    parts->drivers.runtime.resume(call, entry->id);
    parts->publish(*parts->apply(*entry, [](Container& c) { c.phase = Phase::running; }), "unpause");
  };
  co_await on(parts->pool, std::move(job));
  watch_health(parts, entry);
}

} // namespace gantry::containers
