#include "config/load.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/error.hpp"
#include "base/json.hpp"
#include "config/document.hpp"
#include "config/runtimes.hpp"

namespace gantry::config {

namespace {

const Option* find_option(const std::string& key) {
  for (const auto* table : {&options(), &foreign_options()}) {
    for (const auto& option : *table) {
      if (option.key == key) return &option;
    }
  }
  return nullptr;
}

std::string known_keys() {
  std::string keys;
  for (const auto& option : options()) keys += (keys.empty() ? "" : ", ") + option.key;
  return keys;
}

Error needed(const Json& value, const std::string& what) {
  return invalid("invalid value " + value.dump() + ": " + what + " is needed");
}

std::string scalar(const Json& value, const std::string& what) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer()) return std::to_string(value.get<std::int64_t>());
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  throw needed(value, what);
}

Values map_entries(const Json& value) {
  if (!value.is_object()) throw needed(value, "a map");
  Values entries;
  for (const auto& [key, item] : value.items()) entries.push_back(key + "=" + scalar(item, "a text for \"" + key + "\""));
  return entries;
}

/// Docker's {"nofile": {"Name": "nofile", "Soft": 1024, "Hard": 4096}}.
Values ulimit_entries(const Json& value) {
  if (!value.is_object()) throw needed(value, "a map of limits");
  Values entries;
  for (const auto& [name, limit] : value.items()) {
    const bool whole = limit.is_object() && limit.contains("Soft") && limit.contains("Hard");
    if (!whole) throw needed(limit, "{Name, Soft, Hard} for \"" + name + "\"");
    entries.push_back(name + "=" + scalar(limit["Soft"], "a number") + ":" + scalar(limit["Hard"], "a number"));
  }
  return entries;
}

Values list_entries(const Json& value) {
  if (!value.is_array()) throw needed(value, "a list of texts");
  Values entries;
  for (const auto& item : value) entries.push_back(scalar(item, "a list of texts"));
  return entries;
}

Values values_of(const Json& value, Kind kind) {
  switch (kind) {
    case Kind::boolean:
      if (!value.is_boolean()) throw needed(value, "true or false");
      return {value.get<bool>() ? "true" : "false"};
    case Kind::number:
      if (!value.is_number_integer()) throw needed(value, "a number");
      return {scalar(value, "a number")};
    case Kind::text:
      if (value.is_boolean()) throw needed(value, "a text");
      return {scalar(value, "a text")};
    case Kind::list:
      return list_entries(value);
    case Kind::map:
      return map_entries(value);
    case Kind::ulimits:
      return ulimit_entries(value);
    case Kind::any:
      break;
  }
  return value.empty() ? Values{} : Values{value.dump()};
}

std::string joined(const Values& values) {
  std::string text;
  for (const auto& value : values) text += (text.empty() ? "" : ", ") + value;
  return text;
}

void apply_file(Config& config, const CommandLine& line) {
  const auto document = read_document(config.file);
  for (const auto& [key, value] : document.items()) {
    const auto* option = find_option(key);
    if (!option) throw invalid(config.file + ": unknown key \"" + key + "\": allowed are dockerd's keys and " + known_keys());
    if (value.is_null()) continue;
    try {
      const auto values = values_of(value, option->kind);
      const auto flag =
          std::find_if(line.given.begin(), line.given.end(), [&](const auto& given) { return given.first == option; });
      if (flag != line.given.end()) {
        throw invalid("is given both as a flag (" + joined(flag->second) + ") and in the file (" + joined(values) +
                      "): keep one of them");
      }
      option->apply(config, values);
    } catch (const Error& e) {
      throw e.context(config.file + ": " + key);
    }
  }
}

void apply_flags(Config& config, const CommandLine& line) {
  for (const auto& [option, values] : line.given) {
    try {
      option->apply(config, values);
    } catch (const Error& e) {
      throw e.context(option->flag.substr(option->flag.find("--")));
    }
  }
}

std::string choose_file(const CommandLine& line, const std::vector<std::string>& places) {
  if (!line.config_file.empty()) return line.config_file;
  const auto exists = [](const std::string& path) { return ::access(path.c_str(), F_OK) == 0; };
  const auto found = std::find_if(places.begin(), places.end(), exists);
  return found == places.end() ? "" : *found;
}

/// As every program with a proxy does; upper case first, as Go.
void read_proxy_environment(Config& config) {
  const auto read = [](std::string& setting, const char* upper, const char* lower) {
    for (const char* name : {upper, lower})
      if (const char* value = std::getenv(name); value && setting.empty()) setting = value;
  };
  read(config.http_proxy, "HTTP_PROXY", "http_proxy");
  read(config.https_proxy, "HTTPS_PROXY", "https_proxy");
  read(config.no_proxy, "NO_PROXY", "no_proxy");
}

} // namespace

std::string derive_instance(const std::string& data_root) {
  if (data_root == Config().data_root) return "gantry";
  std::uint32_t hash = 2166136261u; // FNV-1a: the name must stay the same in every build
  for (const char c : data_root) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  static constexpr char digits[] = "0123456789abcdef";
  std::string name = "g-";
  for (int shift = 28; shift >= 0; shift -= 4) name += digits[hash >> shift & 15];
  return name;
}

Config load(const CommandLine& line, const std::vector<std::string>& places) {
  Config config;
  config.file = choose_file(line, places);
  if (!config.file.empty()) apply_file(config, line);
  apply_flags(config, line);
  choose_default_runtime(config);
  read_proxy_environment(config);
  if (config.hosts.empty()) config.hosts = {"unix:///run/gantry.sock"};
  if (config.instance.empty()) config.instance = derive_instance(config.data_root);
  if (config.cgroup_parent.empty()) config.cgroup_parent = "/" + config.instance;
  return config;
}

} // namespace gantry::config
