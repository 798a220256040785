#include "api/containers/status_text.hpp"

#include <algorithm>

#include "containers/health/health_json.hpp"

namespace gantry::api {

using gantry::containers::Container;
using gantry::containers::Phase;

std::string human_duration(std::int64_t ns) {
  const auto seconds = std::max<std::int64_t>(ns, 0) / 1'000'000'000;
  const auto minutes = seconds / 60;
  const auto hours = (seconds + 1800) / 3600; // to the nearest
  const auto count = [](std::int64_t n, const char* unit) { return std::to_string(n) + ' ' + unit; };
  if (seconds < 1) return "Less than a second";
  if (seconds == 1) return "1 second";
  if (seconds < 60) return count(seconds, "seconds");
  if (minutes == 1) return "About a minute";
  if (minutes < 60) return count(minutes, "minutes");
  if (hours == 1) return "About an hour";
  if (hours < 48) return count(hours, "hours");
  if (hours < 24 * 7 * 2) return count(hours / 24, "days");
  if (hours < 24 * 30 * 2) return count(hours / 24 / 7, "weeks");
  if (hours < 24 * 365 * 2) return count(hours / 24 / 30, "months");
  return count(seconds / 3600 / 24 / 365, "years");
}

namespace {

std::string health_text(const Container& container) {
  if (!container.health) return "";
  const bool starting = container.health->status == gantry::containers::HealthStatus::starting;
  return (starting ? " (health: " : " (") + std::string(to_string(container.health->status)) + ")";
}

} // namespace

std::string status_text(const Container& container, std::int64_t now_ns) {
  const auto up = [&] { return "Up " + human_duration(now_ns - container.started_ns); };
  const auto ended = [&](const char* word) {
    return word + (" (" + std::to_string(container.exit_code)) + ") " + human_duration(now_ns - container.finished_ns) + " ago";
  };
  switch (told_phase(container)) {
    case Phase::running:
      return up() + health_text(container);
    case Phase::paused:
      return up() + " (Paused)";
    case Phase::restarting:
      return ended("Restarting");
    case Phase::exited:
      return ended("Exited");
    case Phase::removing:
      return "Removal In Progress";
    case Phase::dead:
      return "Dead";
    case Phase::created:
    case Phase::starting:
      return "Created";
  }
  return "";
}

} // namespace gantry::api
