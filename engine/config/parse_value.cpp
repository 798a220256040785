#include "config/parse_value.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

#include "base/error.hpp"
#include "base/text.hpp"

namespace gantry::config {

namespace {

Error bad(const std::string& text, const std::string& allowed) { return invalid("invalid value \"" + text + "\": " + allowed); }

template <std::size_t N>
bool one_of(std::string_view text, const std::array<std::string_view, N>& all) {
  return std::find(all.begin(), all.end(), text) != all.end();
}

constexpr std::array<std::string_view, 6> yes = {"true", "1", "t", "T", "TRUE", "True"};
constexpr std::array<std::string_view, 6> no = {"false", "0", "f", "F", "FALSE", "False"};
constexpr std::array<std::string_view, 15> limit_names = {"core",    "cpu",      "data",   "fsize",      "locks",
                                                          "memlock", "msgqueue", "nice",   "nofile",     "nproc",
                                                          "rss",     "rtprio",   "rttime", "sigpending", "stack"};

bool is_ip(const std::string& text) {
  std::array<unsigned char, 16> address;
  return ::inet_pton(AF_INET, text.c_str(), address.data()) == 1 || ::inet_pton(AF_INET6, text.c_str(), address.data()) == 1;
}

std::int64_t parse_limit(const std::string& text, const std::string& whole) {
  if (text == "unlimited") return -1;
  try {
    return parse_integer(text, -1, INT64_MAX);
  } catch (const Error&) {
    throw bad(whole, "a limit is NAME=SOFT[:HARD] with numbers, -1 for unlimited");
  }
}

std::string parse_tcp(const std::string& text) {
  static const std::string allowed = "tcp://ADDRESS:PORT is needed";
  const auto rest = text.substr(6);
  const auto colon = rest.rfind(':');
  if (colon == std::string::npos) throw bad(text, allowed);
  std::string address = rest.substr(0, colon);
  if (address.size() > 2 && address.front() == '[' && address.back() == ']') address = address.substr(1, address.size() - 2);
  if (address.find_first_of("/[]?#@ ") != std::string::npos) throw bad(text, allowed);
  if (address.find(':') != std::string::npos && (!is_ip(address) || rest.front() != '[')) throw bad(text, allowed);
  try {
    parse_integer(rest.substr(colon + 1), 0, 65535);
  } catch (const Error&) {
    throw bad(text, "the port is a number up to 65535");
  }
  return address.empty() ? "tcp://127.0.0.1" + rest.substr(colon) : text;
}

std::string parse_unix(const std::string& text) {
  static constexpr std::size_t longest = 107; // sun_path with its NUL
  const auto path = text.substr(7);
  if (path.empty() || path.front() != '/') throw bad(text, "unix:///ABSOLUTE/PATH is needed");
  if (path.size() > longest) throw bad(text, "a socket's path has at most 107 bytes");
  return text;
}

} // namespace

bool parse_bool(const std::string& text) {
  if (one_of(text, yes)) return true;
  if (one_of(text, no)) return false;
  throw bad(text, "true or false is needed");
}

std::int64_t parse_integer(const std::string& text, std::int64_t low, std::int64_t high) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end || value < low || value > high) {
    throw bad(text, high == INT64_MAX ? "a number from " + std::to_string(low) + " is needed"
                                      : "a number from " + std::to_string(low) + " to " + std::to_string(high) + " is needed");
  }
  return value;
}

std::int64_t parse_bytes(const std::string& text) {
  static const std::string allowed = "a size such as 67108864, 64m or 1.5g is needed";
  double number = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (parsed.ec != std::errc() || !std::isfinite(number) || number < 0) throw bad(text, allowed);
  std::string unit = lower({parsed.ptr, end});
  if (!unit.empty() && unit.front() == ' ') unit.erase(0, 1);
  static constexpr std::string_view prefixes = "kmgtp";
  double factor = 1;
  if (const auto power = unit.empty() ? std::string_view::npos : prefixes.find(unit.front()); power != std::string_view::npos) {
    factor = std::pow(1024.0, static_cast<double>(power) + 1);
    unit.erase(0, 1);
    if (unit == "ib") unit = "b";
  }
  if (!unit.empty() && unit != "b") throw bad(text, allowed);
  if (number * factor >= 9.2e18) throw bad(text, "the size is too large");
  return static_cast<std::int64_t>(number * factor);
}

Ulimit parse_ulimit(const std::string& text) {
  const auto equals = text.find('=');
  Ulimit limit;
  limit.name = text.substr(0, equals);
  if (equals == std::string::npos || !one_of(limit.name, limit_names)) {
    throw bad(text, "a limit is NAME=SOFT[:HARD] with a name of setrlimit(2) in lower case, such as nofile");
  }
  const auto value = text.substr(equals + 1);
  const auto colon = value.find(':');
  limit.soft = parse_limit(value.substr(0, colon), text);
  limit.hard = colon == std::string::npos ? limit.soft : parse_limit(value.substr(colon + 1), text);
  const bool above = limit.hard != -1 && (limit.soft == -1 || limit.soft > limit.hard);
  if (above) throw bad(text, "the soft limit must not be above the hard limit");
  return limit;
}

std::string parse_host(const std::string& text) {
  if (text.starts_with("fd://")) throw bad(text, "socket activation is not supported; unix:///PATH and tcp://ADDRESS:PORT are");
  if (text.starts_with("unix://")) return parse_unix(text);
  if (text.starts_with("tcp://")) return parse_tcp(text);
  if (text.starts_with("/")) return parse_unix("unix://" + text);
  if (text.find("://") == std::string::npos && text.find(':') != std::string::npos) return parse_tcp("tcp://" + text);
  throw bad(text, "unix:///PATH or tcp://ADDRESS:PORT is needed");
}

std::string parse_ip(const std::string& text) {
  if (!is_ip(text)) throw bad(text, "an IP address is needed");
  return text;
}

std::string parse_path(const std::string& text) {
  const bool plain = text.find_first_of(std::string_view("\0\n\r", 3)) == std::string::npos;
  if (text.empty() || text.front() != '/' || !plain) throw bad(text, "an absolute path is needed");
  return text.size() > 1 && text.back() == '/' ? text.substr(0, text.find_last_not_of('/') + 1) : text;
}

std::string parse_mirror(const std::string& text) {
  const auto equals = text.find('=');
  const bool named = equals != std::string::npos && equals < text.find("://");
  const auto url = named ? text.substr(equals + 1) : text;
  const auto rest = url.starts_with("https://") ? url.substr(8) : url.starts_with("http://") ? url.substr(7) : "";
  if (rest.empty() || rest.front() == '/' || rest.find_first_of("@?# ") != std::string::npos || equals == 0)
    throw bad(text, "a mirror is an http or https URL, or HOST=URL for another registry than Docker Hub");
  return text;
}

std::string parse_label(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0) throw bad(text, "a label is KEY=VALUE");
  return text;
}

} // namespace gantry::config
