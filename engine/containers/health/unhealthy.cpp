#include "containers/health/unhealthy.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "containers/stop.hpp"

namespace gantry::containers {
namespace {

Task<void> end(PartsPtr parts, EntryPtr entry, std::uint64_t round) {
  if (!entry->is_current(round) || entry->exit_on_next || entry->restart_on_exit || entry->removing) co_return;
  const bool restart = entry->snapshot()->extensions.on_unhealthy == "restart";
  log::info("container " + entry->id + " is unhealthy: " + (restart ? "restarting it" : "stopping it"));
  StopOptions defaults;
  try {
    co_await stop_entry(parts, entry, defaults, restart ? StopKind::for_restart : StopKind::unhealthy);
  } catch (const Error& e) {
    if (e.code() != Code::cancelled) log::error("container " + entry->id + ": end it because it is unhealthy: " + e.what());
  }
}

} // namespace

void act_on_unhealthy(const PartsPtr& parts, const EntryPtr& entry, std::uint64_t health_round) {
  const std::string& wish = entry->snapshot()->extensions.on_unhealthy;
  if (wish != "restart" && wish != "stop") return;
  parts->background.spawn([parts, entry, health_round] { return end(parts, entry, health_round); });
}

} // namespace gantry::containers
