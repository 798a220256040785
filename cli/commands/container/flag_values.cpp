#include "cli/commands/container/flag_values.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <stdexcept>

#include "cli/args/numbers.hpp"
#include "cli/failure.hpp"

namespace gantry::cli {
namespace {

using Wrong = std::invalid_argument;

std::pair<std::string, std::string> device_and_value(const std::string& text) {
  const auto [path, value] = cut(text, ':');
  if (!value || path.empty() || value->find(':') != std::string::npos) throw Wrong("bad format: " + text);
  if (!path.starts_with("/dev/")) throw Wrong("bad format for device path: " + text);
  return {path, *value};
}

} // namespace

std::pair<std::string, std::optional<std::string>> cut(const std::string& text, char mark) {
  const auto at = text.find(mark);
  if (at == std::string::npos) return {text, std::nullopt};
  return {text.substr(0, at), text.substr(at + 1)};
}

std::vector<std::string> split(std::string_view text, char mark) {
  std::vector<std::string> out;
  for (auto at = text.find(mark); at != std::string_view::npos; at = text.find(mark)) {
    out.emplace_back(text.substr(0, at));
    text.remove_prefix(at + 1);
  }
  out.emplace_back(text);
  return out;
}

std::vector<std::string> split_csv(const std::string& text) {
  std::vector<std::string> out(1);
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"' && quoted && i + 1 < text.size() && text[i + 1] == '"') {
      out.back() += text[i++];
    } else if (text[i] == '"' && (quoted || out.back().empty())) {
      quoted = !quoted;
    } else if (text[i] == ',' && !quoted) {
      out.emplace_back();
    } else {
      out.back() += text[i];
    }
  }
  return out;
}

void check_stream(const std::string& text) {
  std::string lower = text;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  if (lower != "stdin" && lower != "stdout" && lower != "stderr") throw Wrong("valid streams are STDIN, STDOUT and STDERR");
}

void check_weight_device(const std::string& text) { parse_weight_device(text); }
void check_rate_bytes(const std::string& text) { parse_device_rate(text, true); }
void check_rate_count(const std::string& text) { parse_device_rate(text, false); }
void check_ulimit(const std::string& text) { parse_ulimit(text); }
void check_mount(const std::string& text) { parse_mount(text); }

void check_sysctl(const std::string& text) {
  constexpr std::array known{"kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem",
                             "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced"};
  const std::string key = cut(text, '=').first;
  const bool namespaced = key.starts_with("net.") || key.starts_with("fs.mqueue.");
  if (!namespaced && std::find(known.begin(), known.end(), key) == known.end())
    throw Wrong("sysctl '" + text + "' is not allowed");
}

void check_add_host(const std::string& text) {
  const auto mark = text.find_first_of(":=");
  if (mark == std::string::npos || mark == 0) throw Wrong("bad format for add-host: \"" + text + "\"");
  std::string address = text.substr(mark + 1);
  if (address == "host-gateway") return;
  if (address.size() > 2 && address.front() == '[' && address.back() == ']') address = address.substr(1, address.size() - 2);
  try {
    check_ip(address);
  } catch (const Wrong&) {
    throw Wrong("invalid IP address in add-host: \"" + address + "\"");
  }
}

void check_ip(const std::string& text) {
  in6_addr space{};
  if (::inet_pton(AF_INET, text.c_str(), &space) != 1 && ::inet_pton(AF_INET6, text.c_str(), &space) != 1)
    throw Wrong("IP address is not correctly formatted: " + text);
}

void check_link(const std::string& text) {
  if (text.empty()) throw Wrong("empty string specified for links");
  if (std::count(text.begin(), text.end(), ':') > 1) throw Wrong("bad format for links: " + text);
}

Json parse_ulimit(const std::string& text) {
  const auto [name, value] = cut(text, '=');
  if (!value) throw Wrong("invalid ulimit argument: " + text);
  constexpr std::array names{"core",   "cpu",   "data", "fsize",  "locks",  "memlock",    "msgqueue", "nice",
                             "nofile", "nproc", "rss",  "rtprio", "rttime", "sigpending", "stack"};
  if (std::find(names.begin(), names.end(), name) == names.end()) throw Wrong("invalid ulimit type: " + name);
  const auto [soft_text, hard_text] = cut(*value, ':');
  if (hard_text && hard_text->find(':') != std::string::npos)
    throw Wrong("too many limit value arguments - " + *value + ", can only have up to two, `soft[:hard]`");
  const std::int64_t soft = parse_int(soft_text);
  const std::int64_t hard = hard_text ? parse_int(*hard_text) : soft;
  if (hard != -1 && (soft == -1 || soft > hard))
    throw Wrong("ulimit soft limit must be less than or equal to hard limit: " + std::to_string(soft) + " > " +
                std::to_string(hard));
  return {{"Name", name}, {"Hard", hard}, {"Soft", soft}};
}

Json parse_device_rate(const std::string& text, bool bytes) {
  const auto [path, value] = device_and_value(text);
  try {
    return {{"Path", path}, {"Rate", bytes ? parse_bytes(value) : parse_uint(value)}};
  } catch (const Wrong&) {
    throw Wrong("invalid rate for device: " + text + ". The correct format is <device-path>:<number>" +
                (bytes ? "[<unit>]. Number must be a positive integer. Unit is optional and can be kb, mb, or gb"
                       : ". Number must be a positive integer"));
  }
}

Json parse_weight_device(const std::string& text) {
  const auto [path, value] = device_and_value(text);
  std::int64_t weight = -1;
  try {
    weight = parse_uint(value, 65535);
  } catch (const Wrong&) {
  }
  if (weight != 0 && (weight < 10 || weight > 1000)) throw Wrong("invalid weight for device: " + text);
  return {{"Path", path}, {"Weight", weight}};
}

std::pair<std::vector<std::string>, std::vector<std::string>> split_devices(const std::vector<std::string>& all) {
  std::pair<std::vector<std::string>, std::vector<std::string>> split;
  for (const std::string& text : all) {
    const auto slash = text.find('/');
    const bool cdi = slash != std::string::npos && slash != 0 && text.find('=', slash) != std::string::npos;
    (cdi ? split.second : split.first).push_back(text);
  }
  return split;
}

Json parse_device(const std::string& text) {
  const auto parts = split(text, ':');
  const auto is_mode = [](const std::string& s) { return !s.empty() && s.find_first_not_of("rwm") == std::string::npos; };
  std::string inside = parts[0], mode = "rwm";
  if (parts.size() > 3) throw Failure("bad format for path: " + text, 125);
  if (parts.size() == 2 && is_mode(parts[1])) {
    mode = parts[1];
  } else if (parts.size() > 1) {
    inside = parts[1];
  }
  if (parts.size() == 3) mode = parts[2];
  if (!is_mode(mode)) throw Failure("bad mode specified: " + mode, 125);
  return {{"PathOnHost", parts[0]}, {"PathInContainer", inside}, {"CgroupPermissions", mode}};
}

Json parse_restart_policy(const std::string& text) {
  const auto [name, count] = cut(text, ':');
  if (text.empty()) return {{"Name", ""}, {"MaximumRetryCount", 0}};
  if (name.empty()) throw Failure("invalid restart policy format: no policy provided before colon", 125);
  try {
    return {{"Name", name}, {"MaximumRetryCount", count && !count->empty() ? parse_int(*count) : 0}};
  } catch (const Wrong&) {
    throw Failure("invalid restart policy format: maximum retry count must be an integer", 125);
  }
}

Json parse_gpus(const std::string& text) {
  Json request = {{"Driver", ""},
                  {"Count", 1},
                  {"DeviceIDs", nullptr},
                  {"Capabilities", Json::array({Json::array()})},
                  {"Options", Json::object()}};
  bool counted = false;
  for (const std::string& field : split_csv(text)) {
    const auto [key, value] = cut(field, '=');
    if (!value || key == "count") {
      const std::string number = value.value_or(key);
      request["Count"] = number == "all" ? -1 : parse_int(number);
      counted = true;
    } else if (key == "driver") {
      request["Driver"] = *value;
    } else if (key == "device") {
      request["DeviceIDs"] = split(*value, ',');
    } else if (key == "capabilities") {
      for (const std::string& one : split(*value, ',')) request["Capabilities"][0].push_back(one);
    } else if (key == "options") {
      for (const std::string& one : split_csv(*value))
        request["Options"][cut(one, '=').first] = cut(one, '=').second.value_or("");
    } else {
      throw Failure("unexpected key '" + key + "' in '" + field + "'", 125);
    }
  }
  if (!request["DeviceIDs"].is_null() && !counted) request["Count"] = 0;
  request["Capabilities"][0].push_back("gpu");
  return request;
}

} // namespace gantry::cli
