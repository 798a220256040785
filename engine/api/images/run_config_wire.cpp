#include "api/images/run_config_wire.hpp"

#include <array>
#include <map>
#include <optional>
#include <string>

namespace gantry::api {
namespace {

bool is_zero(const Json& value) {
  return value.is_null() || (value.is_string() && value.get_ref<const std::string&>().empty()) ||
         ((value.is_array() || value.is_object()) && value.empty());
}

/// What Docker writes for a member that says nothing; nothing for those that it leaves out.
std::optional<Json> empty_value(std::string_view key) {
  if (key == "User" || key == "WorkingDir") return "";
  for (const char* list : {"Env", "Entrypoint", "Cmd", "Volumes", "Labels", "OnBuild"})
    if (key == list) return Json(nullptr);
  return std::nullopt;
}

/// Go's maps come sorted.
Json sorted(const Json& object) {
  if (!object.is_object()) return object;
  std::map<std::string, Json> members;
  for (const auto& [key, value] : object.items()) members[key] = value;
  return members;
}

/// Those of a run config that are maps in Go.
void sort_maps(Json& config) {
  for (const char* key : {"ExposedPorts", "Labels", "Volumes"})
    if (const auto at = config.find(key); at != config.end()) *at = sorted(*at);
}

} // namespace

Json full_run_config(const Json& config) {
  Json full{{"Hostname", ""},          {"Domainname", ""},       {"User", ""},
            {"AttachStdin", false},    {"AttachStdout", false},  {"AttachStderr", false},
            {"ExposedPorts", nullptr}, {"Tty", false},           {"OpenStdin", false},
            {"StdinOnce", false},      {"Env", nullptr},         {"Cmd", nullptr},
            {"Healthcheck", nullptr},  {"ArgsEscaped", nullptr}, {"Image", ""},
            {"Volumes", nullptr},      {"WorkingDir", ""},       {"Entrypoint", nullptr},
            {"OnBuild", nullptr},      {"Labels", nullptr},      {"StopSignal", nullptr},
            {"Shell", nullptr}};
  for (const auto& [key, value] : config.items()) full[key] = value;
  for (const char* key : {"ExposedPorts", "Healthcheck", "ArgsEscaped", "StopSignal", "Shell"})
    if (is_zero(full[key])) full.erase(key);
  sort_maps(full);
  return full;
}

Json trimmed_run_config(const Json& config) {
  constexpr std::array keys{"User",   "ExposedPorts", "Env",         "Entrypoint",  "Cmd",     "Volumes", "WorkingDir",
                            "Labels", "StopSignal",   "ArgsEscaped", "Healthcheck", "OnBuild", "Shell"};
  auto trimmed = Json::object();
  for (const char* key : keys)
    if (auto at = config.find(key); at != config.end() && !is_zero(*at))
      trimmed[key] = *at;
    else if (const auto empty = empty_value(key))
      trimmed[key] = *empty;
  sort_maps(trimmed);
  return trimmed;
}

} // namespace gantry::api
