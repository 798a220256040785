#include "api/containers/explain_wire.hpp"

#include <algorithm>

#include "api/containers/health_wire.hpp"
#include "base/time.hpp"
#include "containers/memory_limit.hpp"

namespace gantry::api {

namespace {

using namespace gantry::containers;

Json start_json(const Container& container) {
  const StartRecord& start = container.history.start;
  if (start.time_ns == 0) return nullptr;
  Json json;
  json["Time"] = rfc3339_nano(start.time_ns);
  json["By"] = start.by_policy ? "restart policy" : "user";
  std::int64_t total = 0;
  json["Steps"] = Json::array();
  for (const StartStep& step : start.steps) {
    total += step.took_ns;
    json["Steps"].push_back({{"Name", step.name}, {"TookNs", step.took_ns}});
  }
  json["TotalNs"] = total;
  json["FailedStep"] = start.failed_step;
  json["Error"] = start.failed_step.empty() ? "" : container.error;
  return json;
}

Json end_request_json(const EndRequest& request) {
  if (request.by.empty()) return nullptr;
  return {{"By", request.by}, {"Signal", request.signal}, {"Time", rfc3339_nano(request.time_ns)}};
}

Json run_json(const Run& run) {
  Json json;
  json["StartedAt"] = rfc3339_nano(run.started_ns);
  json["StartedBy"] = run.by_policy ? "restart policy" : "user";
  json["FinishedAt"] = rfc3339_nano(run.finished_ns);
  json["TookNs"] = std::max<std::int64_t>(run.finished_ns - run.started_ns, 0);
  json["ExitCode"] = run.exit_code;
  json["Signal"] = run.signal;
  json["EndedBy"] = run.ended_by;
  json["MemoryPeak"] = run.memory_peak;
  json["MemoryLimit"] = run.memory_limit;
  json["MemoryLimitHit"] = run.memory_limit_hit;
  return json;
}

/// With the time that passed until the start after it.
Json runs_json(const Container& container) {
  Json list = Json::array();
  const auto& runs = container.history.runs;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    Json one = run_json(runs[i]);
    const std::int64_t next = i + 1 < runs.size() ? runs[i + 1].started_ns : container.started_ns;
    one["DelayNs"] = next > runs[i].finished_ns ? Json(next - runs[i].finished_ns) : Json(nullptr);
    list.push_back(std::move(one));
  }
  return list;
}

Json restart_json(const Container& container, const Moment& moment) {
  Json json;
  json["Policy"] = container.host_config.restart_policy.name;
  json["MaximumRetryCount"] = container.host_config.restart_policy.maximum_retry_count;
  json["Count"] = container.restart_count;
  json["NextAt"] = moment.restart_at_ns == 0 ? Json(nullptr) : Json(rfc3339_nano(moment.restart_at_ns));
  return json;
}

Json load_json(const RuntimeStats& stats) {
  const Json parsed = Json::parse(stats.extra_json, nullptr, false);
  const auto member = [&](const char* path) {
    const Json::json_pointer at(path);
    return parsed.contains(at) ? parsed[at] : Json(nullptr);
  };
  Json json;
  json["Throttling"] = member("/cpu_stats/throttling_data");
  json["Memory"] = {{"Usage", stats.memory_usage},
                    {"Peak", stats.memory_max_usage},
                    {"Limit", own_memory_limit(stats)},
                    {"TimesAtLimit", times_memory_limit_was_hit(stats)},
                    {"OOMKills", member("/memory_stats/oom_kills")}};
  json["Processes"] = {{"Current", stats.pids}, {"Limit", member("/pids_stats/limit")}};
  json["Pressure"] = member("/pressure_stats");
  return json;
}

Json delivery_json(const DeliveryState& state) {
  return {{"Driver", state.driver}, {"Delivered", state.delivered}, {"Dropped", state.dropped}, {"Error", state.error}};
}

} // namespace

Json explain_json(const Explained& explained, const std::optional<DeliveryState>& delivery) {
  const Container& container = *explained.container;
  Json json;
  json["Id"] = container.id;
  json["Name"] = '/' + container.name;
  json["Status"] = docker_status(told_phase(container));
  json["Explanation"] = explained.sentences;
  json["Error"] = container.error;
  json["Start"] = start_json(container);
  json["EndRequest"] = end_request_json(container.history.end_request);
  json["Runs"] = runs_json(container);
  json["Restart"] = restart_json(container, explained.moment);
  json["Health"] = container.health ? health_json(*container.health) : Json(nullptr);
  json["PausedSince"] = container.phase == Phase::paused ? Json(rfc3339_nano(container.paused_ns)) : Json(nullptr);
  json["Load"] = explained.moment.stats ? load_json(*explained.moment.stats) : Json(nullptr);
  json["LogDelivery"] = delivery ? delivery_json(*delivery) : Json(nullptr);
  return json;
}

} // namespace gantry::api
