#include "containers/log_options.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "base/error.hpp"
#include "containers/byte_size.hpp"

namespace gantry::containers {
namespace {

using Options = std::map<std::string, std::string>;
using Names = std::set<std::string, std::less<>>;

constexpr std::int64_t max_rotated = 1000;
constexpr std::uint64_t default_buffer = 1 << 20;

const Names common = {"mode", "max-buffer-size", "cache-disabled", "cache-max-size", "cache-max-file", "cache-compress"};
const Names rotation = {"max-size", "max-file", "compress"};
const Names about_lines = {"labels", "labels-regex", "env", "env-regex", "tag"};

const std::string* find(const Options& options, const std::string& name) {
  const auto it = options.find(name);
  return it == options.end() ? nullptr : &it->second;
}

bool parse_option_bool(const std::string& text) {
  static const Names yes = {"1", "t", "T", "TRUE", "true", "True"}, no = {"0", "f", "F", "FALSE", "false", "False"};
  if (yes.contains(text)) return true;
  if (no.contains(text)) return false;
  throw invalid("strconv.ParseBool: parsing \"" + text + "\": invalid syntax");
}

std::int64_t parse_option_number(const std::string& text) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec == std::errc() && parsed.ptr == end) return number;
  throw invalid("strconv.Atoi: parsing \"" + text + "\": invalid syntax");
}

std::uint64_t parse_option_size(const std::string& text) {
  const auto size = parse_human_size(text);
  if (!size) throw invalid("invalid size: '" + text + "'");
  return static_cast<std::uint64_t>(*size);
}

void check_count(std::int64_t number, const std::string& name) {
  if (number < 1) throw invalid(name + " cannot be less than 1");
  if (number > max_rotated) throw invalid(name + " cannot be more than " + std::to_string(max_rotated));
}

void read_json_file(const Options& options, LogSetup& setup) {
  const std::string* size = find(options, "max-size");
  const std::string* files = find(options, "max-file");
  if (size && *size == "-1") {
    setup.max_bytes = 0;
  } else if (size) {
    setup.max_bytes = parse_option_size(*size);
    if (setup.max_bytes == 0) throw invalid("max-size must be a positive number");
  }
  if (size && !files) setup.max_files = 1;
  if (files) {
    const std::int64_t number = parse_option_number(*files);
    check_count(number, "max-file");
    setup.max_files = static_cast<std::uint32_t>(number);
  }
  if (const auto* compress = find(options, "compress")) setup.compress = parse_option_bool(*compress);
  if (setup.compress && (setup.max_files < 2 || setup.max_bytes == 0))
    throw invalid("compress cannot be true when max-file is less than 2 or max-size is not set");
}

/// `prefix` is "cache-" for the local copy of what goes to a plugin.
void read_local(const Options& options, const std::string& prefix, LogSetup& setup) {
  const auto wrap = [](const std::string& name, const std::string& value, auto read) {
    try {
      read(value);
    } catch (const Error& e) {
      throw e.context("invalid value for " + name + ": " + value);
    }
  };
  if (const auto* size = find(options, prefix + "max-size")) {
    wrap(prefix + "max-size", *size, [&](const std::string& text) {
      const std::uint64_t bytes = text == "-1" ? 0 : parse_option_size(text);
      if (bytes != 0 || text == "-1") setup.max_bytes = bytes;
    });
  }
  if (const auto* files = find(options, prefix + "max-file")) {
    wrap(prefix + "max-file", *files, [&](const std::string& text) {
      const std::int64_t number = parse_option_number(text);
      if (number != 0) check_count(number, "max-file");
      setup.max_files = static_cast<std::uint32_t>(std::max<std::int64_t>(number, 1));
    });
  }
  setup.compress = true;
  if (const auto* compress = find(options, prefix + "compress")) {
    try {
      setup.compress = parse_option_bool(*compress);
    } catch (const Error& e) {
      throw e.context("error reading compress log option");
    }
  }
  if (setup.compress && setup.max_files < 2) throw invalid("compression cannot be enabled when max file count is 1");
}

void read_common(const Options& options, LogSetup& setup) {
  const std::string* mode = find(options, "mode");
  const std::string* buffer = find(options, "max-buffer-size");
  const bool drops = mode && *mode == "non-blocking";
  if (mode && !drops && *mode != "blocking" && !mode->empty()) throw invalid("logger: logging mode not supported: " + *mode);
  if (buffer && !drops) throw invalid("logger: max-buffer-size option is only supported with 'mode=non-blocking'");
  if (drops) setup.backlog_bytes = default_buffer;
  if (buffer) {
    const auto size = parse_byte_size(*buffer);
    if (!size) throw invalid("error parsing option max-buffer-size: invalid size: '" + *buffer + "'");
    setup.backlog_bytes = static_cast<std::uint64_t>(*size);
  }
  if (const auto* disabled = find(options, "cache-disabled")) {
    try {
      setup.readable = !parse_option_bool(*disabled);
    } catch (const Error&) {
      throw invalid("invalid value for option cache-disabled: " + *disabled);
    }
  }
}

void refuse_unknown(const Options& options, const Names& more, const std::string& before, const std::string& after) {
  for (const auto& [name, value] : options) {
    const bool known = common.contains(name) || rotation.contains(name) || more.contains(name);
    if (!known) throw invalid(std::string(before).append(name).append(after));
  }
}

} // namespace

bool is_built_in_log_driver(const std::string& name) { return name == "json-file" || name == "local" || name == "none"; }

LogSettings driver_settings(const LogConfig& config) {
  LogSettings own;
  for (const auto& [name, value] : config.config) {
    if (!common.contains(name) && !about_lines.contains(name)) own.emplace_back(name, value);
  }
  return own;
}

LogSetup read_log_options(const LogConfig& config, const LogDrivers& plugins) {
  LogSetup setup;
  read_common(config.config, setup);
  if (config.type == "none") {
    setup.readable = false;
  } else if (config.type == "json-file") {
    refuse_unknown(config.config, about_lines, "unknown log opt '", "' for json-file log driver");
    setup.readable = true;
    read_json_file(config.config, setup);
  } else if (config.type == "local") {
    refuse_unknown(config.config, {}, "unknown log opt '", "' for log driver local");
    setup.readable = true;
    read_local(config.config, "", setup);
  } else {
    const auto driver = plugins.find(config.type);
    if (driver == plugins.end())
      throw invalid("error looking up logging plugin " + config.type + ": plugin \"" + config.type + "\" not found");
    driver->second->validate(driver_settings(config));
    read_local(config.config, "cache-", setup);
  }
  return setup;
}

} // namespace gantry::containers
