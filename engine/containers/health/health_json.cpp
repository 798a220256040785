#include "containers/health/health_json.hpp"

#include <array>

#include "base/error.hpp"
#include "containers/json_reader.hpp"

namespace gantry::containers {
namespace {

constexpr std::array<std::string_view, 3> words = {"starting", "healthy", "unhealthy"};

HealthStatus status_from(std::string_view word) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == word) return static_cast<HealthStatus>(i);
  }
  throw internal("unknown health \"" + std::string(word) + "\" in the state database");
}

ProbeResult result_from(const JsonReader& reader) {
  ProbeResult result;
  reader.read("start_ns", result.start_ns);
  reader.read("end_ns", result.end_ns);
  reader.read("exit_code", result.exit_code);
  reader.read("output", result.output);
  return result;
}

} // namespace

std::string_view to_string(HealthStatus status) { return words[static_cast<unsigned>(status)]; }

Json stored_health(const Container& container) {
  if (!container.health) return nullptr;
  const Health& health = *container.health;
  Json log = Json::array();
  for (const ProbeResult& result : health.log) {
    log.push_back(
        {{"start_ns", result.start_ns}, {"end_ns", result.end_ns}, {"exit_code", result.exit_code}, {"output", result.output}});
  }
  return {{"status", to_string(health.status)}, {"failing_streak", health.failing_streak}, {"log", std::move(log)}};
}

HealthPtr health_from_stored(const Json& json) {
  const JsonReader reader(json, "health");
  Health health;
  std::string status = "starting";
  reader.read("status", status);
  health.status = status_from(status);
  reader.read("failing_streak", health.failing_streak);
  reader.read_objects("log", health.log, result_from);
  return std::make_shared<const Health>(std::move(health));
}

} // namespace gantry::containers
