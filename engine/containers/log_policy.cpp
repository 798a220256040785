#include "containers/log_policy.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/error.hpp"
#include "containers/byte_size.hpp"

namespace gantry::containers {
namespace {

constexpr std::uint64_t default_max_bytes = 20ULL << 20;
constexpr std::uint32_t default_max_files = 5;

constexpr std::array<std::string_view, 10> known_options = {"max-size", "max-file",  "compress", "labels", "labels-regex",
                                                            "env",      "env-regex", "tag",      "mode",   "max-buffer-size"};

std::uint64_t max_bytes(const LogConfig& config) {
  const auto it = config.config.find("max-size");
  if (it == config.config.end()) return default_max_bytes;
  if (it->second == "-1") return 0;
  const auto size = parse_byte_size(it->second);
  if (!size)
    throw invalid("invalid max-size \"" + it->second + "\" for json-file log driver: expected a size such as 10m, or -1");
  return static_cast<std::uint64_t>(*size);
}

std::uint32_t max_files(const LogConfig& config) {
  const auto it = config.config.find("max-file");
  if (it == config.config.end()) return config.config.contains("max-size") ? 1 : default_max_files;
  std::uint32_t number = 0;
  const char* end = it->second.data() + it->second.size();
  const auto parsed = std::from_chars(it->second.data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end || number == 0 || number > 1000) {
    throw invalid("invalid max-file \"" + it->second + "\" for json-file log driver: expected a number from 1 to 1000");
  }
  return number;
}

} // namespace

void complete_log_config(LogConfig& config, const std::string& default_driver,
                         const std::map<std::string, std::string>& default_options) {
  if (config.type.empty()) config.type = default_driver;
  if (config.type == "none") return;
  if (config.type != "json-file") {
    throw invalid("error looking up logging plugin " + config.type + ": plugin \"" + config.type + "\" not found");
  }
  if (config.type == default_driver) config.config.insert(default_options.begin(), default_options.end());
  for (const auto& [option, value] : config.config) {
    if (std::find(known_options.begin(), known_options.end(), option) == known_options.end()) {
      throw invalid("unknown log opt '" + option + "' for json-file log driver");
    }
  }
  (void)max_bytes(config);
  (void)max_files(config);
}

LogPolicy make_log_policy(const LogConfig& config, const std::string& path) {
  LogPolicy policy;
  policy.format = config.type;
  if (config.type == "none") return policy;
  policy.path = path;
  policy.max_bytes = max_bytes(config);
  policy.max_files = max_files(config);
  return policy;
}

bool is_readable(const LogConfig& config) { return config.type == "json-file"; }

} // namespace gantry::containers
