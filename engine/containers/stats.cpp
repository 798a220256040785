#include "base/error.hpp"
#include "base/time.hpp"
#include "containers/parts.hpp"
#include "containers/prompt_call.hpp"
#include "containers/sample_container.hpp"

namespace gantry::containers {
namespace {

/// Without a time when the container does not run, or ends in this moment.
StatsSample sample_of(Parts& parts, const Entry& entry, const HostCpu& host) {
  StatsSample sample;
  if (!is_running(entry.snapshot()->phase)) return sample;
  DriverCall call(prompt_ns);
  try {
    sample.counters = parts.drivers.runtime.stats(call, entry.id);
  } catch (const Error& error) {
    if (error.code() != Code::not_found && error.code() != Code::forbidden_state) throw;
    return sample;
  }
  sample.host = host;
  sample.read_ns = now_ns();
  return sample;
}

} // namespace

StatsSamplePtr sample_container(Parts& parts, const std::string& id, const HostCpu& host) {
  const EntryPtr entry = parts.index.by_id(id);
  if (!entry) return nullptr;
  try {
    return std::make_shared<const StatsSample>(sample_of(parts, *entry, host));
  } catch (const Error&) {
    return std::make_shared<const StatsSample>(); // a driver that cannot say: as if it did not run
  }
}

Task<StatsSample> ContainerService::stats(std::string reference) {
  const PartsPtr parts = impl_->parts;
  const EntryPtr entry = parts->index.find(reference);
  auto job = [parts, entry] { return sample_of(*parts, *entry, read_host_cpu()); };
  co_return co_await on(parts->pool, std::move(job));
}

StatsCollector::Subscription ContainerService::watch_stats(const std::string& reference, StatsCollector::Listener listener) {
  const PartsPtr parts = impl_->parts;
  auto [subscription, first] = parts->stats.subscribe(parts->index.find(reference)->id, std::move(listener));
  if (first) parts->background.spawn([parts] { return parts->stats.run(parts->pool); });
  return std::move(subscription);
}

} // namespace gantry::containers
