#include "api/containers/health_wire.hpp"

#include "base/time.hpp"
#include "containers/health/health_json.hpp"

namespace gantry::api {

Json health_json(const gantry::containers::Health& health) {
  Json json;
  json["Status"] = gantry::containers::to_string(health.status);
  json["FailingStreak"] = health.failing_streak;
  json["Log"] = Json::array();
  for (const auto& result : health.log) {
    json["Log"].push_back({{"Start", rfc3339_nano(result.start_ns)},
                           {"End", rfc3339_nano(result.end_ns)},
                           {"ExitCode", result.exit_code},
                           {"Output", result.output}});
  }
  return json;
}

} // namespace gantry::api
