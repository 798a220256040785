#include "base/error.hpp"
#include "base/time.hpp"
#include "containers/parts.hpp"

namespace gantry::containers {

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
  co_return explained;
}

} // namespace gantry::containers
