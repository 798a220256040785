#include "containers/auto_remove.hpp"

#include "base/error.hpp"
#include "containers/remove.hpp"

namespace gantry::containers {
namespace {

/// Longer than a removal takes, and not for ever: a driver may be stuck.
constexpr std::chrono::seconds removal_time{10};

Task<void> remove_later(PartsPtr parts, EntryPtr entry, Latch wanted) {
  co_await wanted.wait_for(parts->defaults.auto_remove_hold);
  auto guard = co_await entry->mutex.lock();
  // Somebody may have started or removed it meanwhile.
  if (entry->snapshot()->phase != Phase::exited || entry->removing.exchange(true)) co_return;
  auto job = [parts, entry] { destroy(*parts, *entry); };
  co_await on(parts->pool, std::move(job));
}

} // namespace

void hold_removal(const PartsPtr& parts, const EntryPtr& entry) {
  Latch wanted = entry->begin_hold();
  parts->background.spawn([parts, entry, wanted] { return remove_later(parts, entry, wanted); });
}

Task<void> free_held_name(PartsPtr parts, std::string name) {
  EntryPtr entry;
  try {
    entry = parts->index.find(name);
  } catch (const Error&) {
    co_return;
  }
  if (entry->snapshot()->name != name || !entry->is_held()) co_return;
  OutcomePtr removal = entry->removal();
  entry->end_hold();
  co_await removal->latch.wait_for(removal_time);
}

} // namespace gantry::containers
