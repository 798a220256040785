#include "containers/history.hpp"

#include "containers/json_reader.hpp"

namespace gantry::containers {
namespace {

constexpr int sigint = 2, sigquit = 3, sigkill = 9, sigterm = 15;

/// A signal that somebody sent for another reason (reload, dump) is not why a program ends an hour later.
bool explains(const EndRequest& request, const RuntimeExit& exit) {
  if (request.by.empty()) return false;
  if (request.by != "kill") return true;
  const int signal = request.signal;
  return signal == sigint || signal == sigquit || signal == sigkill || signal == sigterm || exit.signal == signal ||
         exit.code == 128 + signal;
}

Json to_json(const EndRequest& request) {
  if (request.by.empty()) return nullptr;
  return {{"by", request.by}, {"signal", request.signal}, {"time_ns", request.time_ns}};
}

Json to_json(const Run& run) {
  return {{"started_ns", run.started_ns},   {"finished_ns", run.finished_ns},   {"exit_code", run.exit_code},
          {"signal", run.signal},           {"ended_by", run.ended_by},         {"by_policy", run.by_policy},
          {"memory_peak", run.memory_peak}, {"memory_limit", run.memory_limit}, {"memory_limit_hit", run.memory_limit_hit}};
}

Json to_json(const StartRecord& start) {
  Json steps = Json::array();
  for (const StartStep& step : start.steps) steps.push_back({{"name", step.name}, {"took_ns", step.took_ns}});
  return {{"time_ns", start.time_ns}, {"by_policy", start.by_policy}, {"steps", steps}, {"failed_step", start.failed_step}};
}

EndRequest request_from(const JsonReader& reader) {
  EndRequest request;
  reader.read("by", request.by);
  reader.read("signal", request.signal);
  reader.read("time_ns", request.time_ns);
  return request;
}

Run run_from(const JsonReader& reader) {
  Run run;
  reader.read("started_ns", run.started_ns);
  reader.read("finished_ns", run.finished_ns);
  reader.read("exit_code", run.exit_code);
  reader.read("signal", run.signal);
  reader.read("ended_by", run.ended_by);
  reader.read("by_policy", run.by_policy);
  reader.read("memory_peak", run.memory_peak);
  reader.read("memory_limit", run.memory_limit);
  reader.read("memory_limit_hit", run.memory_limit_hit);
  return run;
}

StartRecord start_from(const JsonReader& reader) {
  StartRecord start;
  reader.read("time_ns", start.time_ns);
  reader.read("by_policy", start.by_policy);
  reader.read_objects("steps", start.steps, [](const JsonReader& one) {
    StartStep step;
    one.read("name", step.name);
    one.read("took_ns", step.took_ns);
    return step;
  });
  reader.read("failed_step", start.failed_step);
  return start;
}

} // namespace

void History::add(Run run) {
  if (runs.size() >= kept_runs) runs.erase(runs.begin());
  runs.push_back(std::move(run));
}

std::string ended_by(const RuntimeExit& exit, const EndRequest& request) {
  // The kernel's kill comes as SIGKILL; behind an init of the container it is seen as that init's exit code.
  if (exit.oom_killed && (exit.signal == sigkill || exit.code == 128 + sigkill)) return "memory";
  if (explains(request, exit)) return request.by;
  return exit.signal != 0 ? "signal" : "itself";
}

Json to_json(const History& history) {
  Json runs = Json::array();
  for (const Run& run : history.runs) runs.push_back(to_json(run));
  return {{"end_request", to_json(history.end_request)}, {"start", to_json(history.start)}, {"runs", runs}};
}

History history_from_json(const Json& json, const std::string& path) {
  const JsonReader reader(json, path);
  History history;
  if (const Json* request = reader.find("end_request"))
    history.end_request = request_from(JsonReader(*request, reader.name("end_request")));
  if (const Json* start = reader.find("start")) history.start = start_from(JsonReader(*start, reader.name("start")));
  reader.read_objects("runs", history.runs, run_from);
  return history;
}

} // namespace gantry::containers
