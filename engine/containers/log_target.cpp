#include "containers/log_target.hpp"

#include <algorithm>

namespace gantry::containers {

using namespace std::chrono_literals;

namespace {

constexpr LogTarget::Clock::duration first_retry = 250ms, longest_retry = 15s;

} // namespace

std::optional<LogTarget::Clock::duration> LogTarget::ask(Clock::time_point now) {
  const std::lock_guard lock(guard_);
  if (!down_) return std::nullopt;
  if (probing_) return first_retry;
  if (now < retry_at_) return retry_at_ - now;
  probing_ = true;
  return std::nullopt;
}

void LogTarget::succeeded() {
  const std::lock_guard lock(guard_);
  down_ = probing_ = false;
  delay_ = {};
}

void LogTarget::gave_up() {
  const std::lock_guard lock(guard_);
  probing_ = false;
}

bool LogTarget::failed(Clock::time_point now) {
  const std::lock_guard lock(guard_);
  const bool news = !down_;
  down_ = true;
  probing_ = false;
  delay_ = std::clamp(delay_ * 2, first_retry, longest_retry);
  retry_at_ = now + delay_;
  return news;
}

} // namespace gantry::containers
