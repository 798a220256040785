#include "containers/hooks.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>

#include "base/file.hpp"
#include "containers/json_reader.hpp"
#include "plugins/trusted_file.hpp"

namespace gantry::containers {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view stages[] = {"prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"};

/// File name → path; later directories win.
std::map<std::string, std::string> hook_files(const std::vector<std::string>& directories) {
  std::map<std::string, std::string> files;
  for (const auto& directory : directories) {
    std::error_code ignored; // a directory that does not exist has no hooks
    for (const auto& entry : fs::directory_iterator(directory, ignored)) {
      if (entry.path().extension() == ".json") files[entry.path().filename()] = entry.path();
    }
  }
  return files;
}

bool matches(const std::string& text, const std::string& pattern) {
  try {
    return std::regex_search(text, std::regex(pattern, std::regex::ECMAScript));
  } catch (const std::regex_error& e) {
    throw invalid("\"" + pattern + "\" is no regular expression: " + e.what());
  }
}

bool has_annotation(const Container& container, const std::string& key, const std::string& value) {
  const auto& all = container.host_config.annotations;
  return std::any_of(all.begin(), all.end(),
                     [&](const auto& pair) { return matches(pair.first, key) && matches(pair.second, value); });
}

bool has_bind_mounts(const Container& container) {
  const HostConfig& config = container.host_config;
  if (!config.binds.empty()) return true;
  return std::any_of(config.mounts.begin(), config.mounts.end(),
                     [](const Json& mount) { return mount.is_object() && mount.value("Type", "") == "bind"; });
}

/// Every condition that is given has to hold; without any the hook does not apply.
bool applies(const JsonReader& when, const Container& container) {
  bool conditions = false, all = true;
  const auto note = [&](bool holds) {
    conditions = true;
    all = all && holds;
  };
  std::optional<bool> always, bind_mounts;
  std::map<std::string, std::string> annotations;
  StringList commands;
  when.read("always", always);
  when.read("hasBindMounts", bind_mounts);
  when.read("annotations", annotations);
  when.read("commands", commands);
  if (always) note(*always);
  if (bind_mounts) note(*bind_mounts == has_bind_mounts(container));
  for (const auto& [key, value] : annotations) note(has_annotation(container, key, value));
  if (!commands.empty())
    note(std::any_of(commands.begin(), commands.end(), [&](const auto& pattern) { return matches(container.path, pattern); }));
  return conditions && all;
}

Json read_hook(const JsonReader& reader) {
  std::string path;
  StringList args, env;
  std::optional<std::int64_t> timeout;
  reader.read("path", path);
  reader.read("args", args);
  reader.read("env", env);
  reader.read("timeout", timeout);
  if (!path.starts_with('/')) throw invalid(reader.name("path") + ": an absolute path is needed");
  if (timeout && *timeout <= 0) throw invalid(reader.name("timeout") + ": a positive number of seconds is needed");
  Json hook{{"path", path}};
  if (!args.empty()) hook["args"] = args;
  if (!env.empty()) hook["env"] = env;
  if (timeout) hook["timeout"] = *timeout;
  return hook;
}

void add_file(Json& hooks, const std::string& path, const Container& container) {
  plugins::check_trusted_file(path);
  const Json document = Json::parse(read_file(path), nullptr, false);
  if (document.is_discarded()) throw invalid("malformed JSON");
  const JsonReader reader(document, "");
  std::string version;
  StringList wanted;
  reader.read("version", version);
  reader.read("stages", wanted);
  if (version != "1.0.0") throw invalid("version: \"1.0.0\" is needed, got \"" + version + "\"");
  if (wanted.empty()) throw invalid("stages: at least one is needed");
  for (const auto& stage : wanted) {
    if (std::find(std::begin(stages), std::end(stages), stage) == std::end(stages))
      throw invalid("stages: \"" + stage +
                    "\" is not one of prestart, createRuntime, createContainer, startContainer, "
                    "poststart, poststop");
  }
  const Json none = Json::object();
  const Json* hook = reader.find("hook");
  const Json* when = reader.find("when");
  const Json entry = read_hook(JsonReader(hook ? *hook : none, "hook"));
  if (!applies(JsonReader(when ? *when : none, "when"), container)) return;
  for (const auto& stage : wanted) hooks[stage].push_back(entry);
}

} // namespace

Json configured_hooks(const std::vector<std::string>& directories, const Container& container) {
  Json hooks;
  for (const auto& [name, path] : hook_files(directories)) {
    try {
      add_file(hooks, path, container);
    } catch (const Error& e) {
      throw e.context("OCI hook " + path);
    }
  }
  return hooks;
}

} // namespace gantry::containers
