#include "containers/json_reader.hpp"
#include "containers/json_writer.hpp"
#include "containers/model_json.hpp"

namespace gantry::containers {
namespace {

/// Cmd, Entrypoint and Shell may be a single string, which counts as a list of one.
void read_words(const JsonReader& reader, const char* key, std::optional<StringList>& out) {
  const Json* value = reader.find(key);
  if (!value) return;
  if (value->is_string()) {
    out = StringList{value->get<std::string>()};
  } else {
    JsonReader::convert(*value, reader.name(key), out);
  }
}

Healthcheck healthcheck_from(const JsonReader& reader) {
  Healthcheck check;
  reader.read("Test", check.test);
  reader.read("Interval", check.interval_ns);
  reader.read("Timeout", check.timeout_ns);
  reader.read("StartPeriod", check.start_period_ns);
  reader.read("StartInterval", check.start_interval_ns);
  reader.read("Retries", check.retries);
  return check;
}

Json healthcheck_json(const Healthcheck& check) {
  Json json = Json::object();
  write_if_set(json, "Test", check.test);
  if (check.interval_ns) json["Interval"] = check.interval_ns;
  if (check.timeout_ns) json["Timeout"] = check.timeout_ns;
  if (check.start_period_ns) json["StartPeriod"] = check.start_period_ns;
  if (check.start_interval_ns) json["StartInterval"] = check.start_interval_ns;
  if (check.retries) json["Retries"] = check.retries;
  return json;
}

void read_identity(const JsonReader& reader, Config& config) {
  reader.read("Hostname", config.hostname);
  reader.read("Domainname", config.domainname);
  reader.read("User", config.user);
  reader.read("Image", config.image);
  reader.read("WorkingDir", config.working_dir);
  reader.read("NetworkDisabled", config.network_disabled);
  reader.read("MacAddress", config.mac_address);
  reader.read("Labels", config.labels);
  reader.read_keys("ExposedPorts", config.exposed_ports);
  reader.read_keys("Volumes", config.volumes);
}

void read_process(const JsonReader& reader, Config& config) {
  reader.read("AttachStdin", config.attach_stdin);
  reader.read("AttachStdout", config.attach_stdout);
  reader.read("AttachStderr", config.attach_stderr);
  reader.read("Tty", config.tty);
  reader.read("OpenStdin", config.open_stdin);
  reader.read("StdinOnce", config.stdin_once);
  reader.read("Env", config.env);
  read_words(reader, "Cmd", config.cmd);
  read_words(reader, "Entrypoint", config.entrypoint);
  reader.read("ArgsEscaped", config.args_escaped);
  reader.read("OnBuild", config.on_build);
  reader.read("StopSignal", config.stop_signal);
  reader.read("StopTimeout", config.stop_timeout);
  std::optional<StringList> shell;
  read_words(reader, "Shell", shell);
  if (shell) config.shell = std::move(*shell);
}

} // namespace

Config config_from_json(const Json& json) {
  const JsonReader reader(json, "");
  Config config;
  read_identity(reader, config);
  read_process(reader, config);
  if (const Json* check = reader.find("Healthcheck")) config.healthcheck = healthcheck_from(JsonReader(*check, "Healthcheck"));
  return config;
}

Json to_json(const Config& config) {
  Json json = Json::object();
  json["Hostname"] = config.hostname;
  json["Domainname"] = config.domainname;
  json["User"] = config.user;
  json["AttachStdin"] = config.attach_stdin;
  json["AttachStdout"] = config.attach_stdout;
  json["AttachStderr"] = config.attach_stderr;
  if (!config.exposed_ports.empty()) json["ExposedPorts"] = set_of(config.exposed_ports);
  json["Tty"] = config.tty;
  json["OpenStdin"] = config.open_stdin;
  json["StdinOnce"] = config.stdin_once;
  json["Env"] = null_if_empty(config.env);
  json["Cmd"] = null_if_absent(config.cmd);
  if (config.healthcheck) json["Healthcheck"] = healthcheck_json(*config.healthcheck);
  if (config.args_escaped) json["ArgsEscaped"] = true;
  json["Image"] = config.image;
  json["Volumes"] = config.volumes.empty() ? Json(nullptr) : set_of(config.volumes);
  json["WorkingDir"] = config.working_dir;
  json["Entrypoint"] = null_if_absent(config.entrypoint);
  if (config.network_disabled) json["NetworkDisabled"] = true;
  write_if_set(json, "MacAddress", config.mac_address);
  json["OnBuild"] = null_if_empty(config.on_build);
  json["Labels"] = object_of(config.labels);
  write_if_set(json, "StopSignal", config.stop_signal);
  if (config.stop_timeout) json["StopTimeout"] = *config.stop_timeout;
  write_if_set(json, "Shell", config.shell);
  return json;
}

} // namespace gantry::containers
