#include "api/images/run_config_wire.hpp"

#include <array>

namespace gantry::api {
namespace {

bool is_zero(const Json& value) {
  return value.is_null() || (value.is_string() && value.get_ref<const std::string&>().empty()) ||
         ((value.is_array() || value.is_object()) && value.empty());
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
  return full;
}

Json trimmed_run_config(const Json& config) {
  constexpr std::array keys{"User",   "ExposedPorts", "Env",         "Entrypoint",  "Cmd",     "Volumes", "WorkingDir",
                            "Labels", "StopSignal",   "ArgsEscaped", "Healthcheck", "OnBuild", "Shell"};
  auto trimmed = Json::object();
  for (const char* key : keys)
    if (auto at = config.find(key); at != config.end() && !is_zero(*at)) trimmed[key] = *at;
  return trimmed;
}

} // namespace gantry::api
