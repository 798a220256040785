#include "shim/pace.hpp"

#include <ctime>

namespace gantry::runtime_linux::shim {
namespace {

constexpr std::int64_t streak_gap_ns = 1'000'000;
constexpr unsigned long_streak = 16;
/// A program fills at most a part of its pipe in this time.
constexpr timespec rest_time{0, 300'000};

std::int64_t monotonic_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

} // namespace

void Pace::rest() {
  if (!trickles_) return;
  trickles_ = false;
  const std::int64_t now = monotonic_ns();
  streak_ = now - last_ns_ < streak_gap_ns ? streak_ + 1 : 0;
  last_ns_ = now;
  if (streak_ < long_streak) return;
  ::nanosleep(&rest_time, nullptr);
  last_ns_ = monotonic_ns();
}

} // namespace gantry::runtime_linux::shim
