#include "api/version.hpp"

#include <charconv>

#include "base/error.hpp"

namespace gantry::api {

namespace {

std::optional<int> parse_number(std::string_view text) {
  int value = 0;
  if (text.empty() || text.size() > 4) return {};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return {};
  return value;
}

} // namespace

std::optional<ApiVersion> parse_version(std::string_view text) {
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return {};
  const auto major = parse_number(text.substr(0, dot));
  const auto minor = parse_number(text.substr(dot + 1));
  if (!major || !minor) return {};
  return ApiVersion{*major, *minor};
}

std::string to_string(ApiVersion version) { return std::to_string(version.major) + '.' + std::to_string(version.minor); }

void check_version(ApiVersion version) {
  if (version < oldest_version)
    throw invalid("client version " + to_string(version) + " is too old. Minimum supported API version is " +
                  to_string(oldest_version) + ", please upgrade your client to a newer version");
  if (version > newest_version)
    throw invalid("client version " + to_string(version) + " is too new. Maximum supported API version is " +
                  to_string(newest_version));
}

} // namespace gantry::api
