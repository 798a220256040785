#include "base/error.hpp"
#include "base/time.hpp"
#include "containers/log_delivery.hpp"
#include "containers/parts.hpp"

namespace gantry::containers {
namespace {

void explain_delivery(const std::optional<DeliveryState>& state, std::vector<std::string>& out) {
  if (!state) return;
  if (state->dropped != 0) {
    out.push_back(std::to_string(state->dropped) + " lines of its log were lost to \"" + state->driver +
                  "\": they were rotated away, or too old, before they could be delivered");
  }
  if (!state->error.empty()) out.push_back("Its log cannot be delivered to \"" + state->driver + "\": " + state->error);
}

} // namespace

Task<Explained> ContainerService::explain(std::string reference) {
  const EntryPtr entry = impl_->parts->index.find(reference);
  Explained explained;
  try {
    if (is_running(entry->snapshot()->phase)) {
      StatsSample sample = co_await stats(entry->id);
      if (sample.read_ns != 0) explained.moment.stats = std::move(sample.counters);
    }
  } catch (const Error&) {
    // It ended in this moment, or its driver counts nothing: the rest is worth telling.
  }
  explained.container = entry->snapshot();
  if (explained.container->phase == Phase::restarting) explained.moment.restart_at_ns = entry->restart_at_ns;
  explained.moment.now_ns = now_ns();
  explained.sentences = containers::explain(*explained.container, explained.moment);
  explain_delivery(impl_->parts->logs.delivery(entry->id), explained.sentences);
  co_return explained;
}

} // namespace gantry::containers
