#include "containers/health/rules.hpp"

#include <algorithm>

namespace gantry::containers {
namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::size_t kept_results = 5;

std::optional<StringList> command_of(const Container& container) {
  if (!container.config.healthcheck || container.config.healthcheck->test.empty()) return std::nullopt;
  const StringList& test = container.config.healthcheck->test;
  StringList command;
  if (test.front() == "CMD-SHELL") {
    command = container.config.shell.empty() ? StringList{"/bin/sh", "-c"} : container.config.shell;
  } else if (test.front() != "CMD" || test.size() < 2) {
    return std::nullopt;
  }
  command.insert(command.end(), test.begin() + 1, test.end());
  return command;
}

std::int64_t positive_or(std::int64_t value, std::int64_t standard) { return value > 0 ? value : standard; }

/// A change of the health that is shared with readers.
template <class F>
void change_health(Container& container, F change) {
  Health health = container.health ? *container.health : Health{};
  change(health);
  container.health = std::make_shared<const Health>(std::move(health));
}

} // namespace

std::optional<Probe> probe_of(const Container& container) {
  if (!container.extensions.probe_url.empty()) return Probe{{}, parse_probe_target(container.extensions.probe_url)};
  if (auto command = command_of(container)) return Probe{std::move(*command), std::nullopt};
  return std::nullopt;
}

HealthTiming health_timing(const Container& container) {
  const Healthcheck check = container.config.healthcheck.value_or(Healthcheck{});
  return {positive_or(check.interval_ns, 30 * second), positive_or(check.timeout_ns, 30 * second), check.start_period_ns,
          positive_or(check.start_interval_ns, 5 * second), positive_or(check.retries, 3)};
}

std::int64_t next_probe_delay(const HealthTiming& timing, HealthStatus status, std::int64_t ran_ns) {
  const bool settling = status == HealthStatus::starting && ran_ns < timing.start_period_ns;
  return settling ? timing.start_interval_ns : timing.interval_ns;
}

void begin_health(Container& container) {
  if (!probe_of(container)) return container.health.reset();
  change_health(container, [](Health& health) {
    health.status = HealthStatus::starting;
    health.failing_streak = 0;
  });
}

void suspend_health(Container& container) {
  if (!container.health) return;
  change_health(container, [](Health& health) { health.status = HealthStatus::unhealthy; });
}

HealthPtr with_result(const Container& container, ProbeResult result) {
  const HealthTiming timing = health_timing(container);
  Health health = container.health ? *container.health : Health{};
  const bool settling =
      health.status == HealthStatus::starting && result.start_ns - container.started_ns < timing.start_period_ns;
  if (result.exit_code == 0) {
    health.failing_streak = 0;
    health.status = HealthStatus::healthy;
  } else if (!settling && ++health.failing_streak >= timing.retries) {
    health.status = HealthStatus::unhealthy;
  }
  health.log.push_back(std::move(result));
  if (health.log.size() > kept_results) health.log.erase(health.log.begin(), health.log.end() - kept_results);
  return std::make_shared<const Health>(std::move(health));
}

bool has_failed(const Container& container) {
  const HealthPtr& health = container.health;
  return health && health->status == HealthStatus::unhealthy && health->failing_streak >= health_timing(container).retries;
}

} // namespace gantry::containers
