#include "config/runtimes.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/json.hpp"
#include "config/parse_value.hpp"

namespace gantry::config {

namespace {

constexpr const char* own_name = "gantry";

void check_name(const Config& config, const std::string& name) {
  const bool legal = !name.empty() && name.find_first_of(" \t\r\n/") == std::string::npos;
  if (!legal) throw invalid("invalid runtime name \"" + name + "\"");
  if (name == own_name) throw invalid("runtime name '" + name + "' is reserved");
  if (config.runtimes.contains(name)) throw invalid("runtime '" + name + "' was already registered");
}

Runtime read_runtime(const std::string& name, const Json& entry) {
  const std::string where = "runtime \"" + name + "\": ";
  if (!entry.is_object()) throw invalid(where + "a map with the key path is needed, got " + entry.dump());
  Runtime runtime;
  for (const auto& [key, value] : entry.items()) {
    if (key == "path") {
      if (!value.is_string()) throw invalid(where + "path: a text is needed, got " + value.dump());
      runtime.path = value.get<std::string>();
    } else if (key == "runtimeArgs") {
      const bool texts = value.is_array() && std::all_of(value.begin(), value.end(), [](const Json& v) { return v.is_string(); });
      if (!texts && !value.is_null()) throw invalid(where + "runtimeArgs: a list of texts is needed, got " + value.dump());
      if (texts) runtime.arguments = value.get<std::vector<std::string>>();
    } else if (key == "runtimeType" || key == "options") {
      throw invalid(where + key + " is for containerd's shims, which this daemon does not use: give the path of an OCI runtime");
    } else {
      throw invalid(where + "unknown key \"" + key + "\": allowed are path and runtimeArgs");
    }
  }
  if (runtime.path.empty()) throw invalid(where + "path is missing");
  return runtime;
}

} // namespace

void apply_runtimes(Config& config, const Values& values) {
  if (values.empty()) return;
  const Json map = Json::parse(values.back());
  if (!map.is_object()) throw invalid("invalid value " + map.dump() + ": a map of runtimes is needed");
  for (const auto& [name, entry] : map.items()) {
    check_name(config, name);
    config.runtimes[name] = read_runtime(name, entry);
  }
}

void apply_added_runtimes(Config& config, const Values& values) {
  for (const auto& item : values) {
    const auto equals = item.find('=');
    if (equals == std::string::npos || equals + 1 == item.size())
      throw invalid("invalid runtime argument: " + item + ": NAME=PATH is needed");
    check_name(config, item.substr(0, equals));
    config.runtimes[item.substr(0, equals)].path = item.substr(equals + 1);
  }
}

void apply_cdi_spec_dirs(Config& config, const Values& values) {
  config.cdi_spec_dirs.clear();
  for (const auto& path : values) {
    if (!path.empty()) config.cdi_spec_dirs.push_back(parse_path(path));
  }
}

void choose_default_runtime(Config& config) {
  std::string& name = config.default_runtime;
  if (config.runtimes.contains(name)) return;
  if (name == "runc" || name == "io.containerd.runc.v2" || name.empty()) name = own_name;
  if (name != own_name) throw invalid("specified default runtime '" + name + "' does not exist");
}

} // namespace gantry::config
