#include "containers/log_policy.hpp"

#include "containers/log_identity.hpp"

namespace gantry::containers {

void complete_log_config(LogConfig& config, const std::string& default_driver,
                         const std::map<std::string, std::string>& default_options, const LogDrivers& plugins) {
  if (config.type.empty()) config.type = default_driver;
  if (config.type == default_driver) config.config.insert(default_options.begin(), default_options.end());
  (void)read_log_options(config, plugins);
}

LogPolicy make_log_policy(const Container& container, const std::string& path, const LogDrivers& plugins) {
  const LogConfig& config = container.host_config.log_config;
  LogPolicy policy;
  policy.format = "none";
  if (config.type == "none") return policy;
  const LogSetup setup = read_log_options(config, plugins);
  policy.format = "json-file";
  policy.path = path;
  policy.max_bytes = setup.max_bytes;
  policy.max_files = setup.max_files;
  if (config.type == "json-file") {
    policy.attrs_json = line_attributes(container);
  } else {
    policy.exact = true;
    policy.counted = config.type != "local";
  }
  return policy;
}

bool is_readable(const LogConfig& config) {
  if (config.type == "none") return false;
  if (is_built_in_log_driver(config.type)) return true;
  const auto disabled = config.config.find("cache-disabled");
  // Validated at create: what Go calls true begins with one of these.
  return disabled == config.config.end() || std::string("1tT").find(disabled->second.substr(0, 1)) == std::string::npos;
}

} // namespace gantry::containers
