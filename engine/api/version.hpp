#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::api {

/// A version of the Docker Engine API ("1.44").
struct ApiVersion {
  int major = 0;
  int minor = 0;
  auto operator<=>(const ApiVersion&) const = default;
};

/// The newest version, which requests without a version get, and the oldest one that is served.
inline constexpr ApiVersion newest_version{1, 51};
inline constexpr ApiVersion oldest_version{1, 24};

/// What we say we are where Docker's version is asked for (Server header, /version, /info).
inline constexpr std::string_view docker_version = "28.5.2";

/// "1.44" → {1, 44}; absent unless it is two decimal numbers of at most four digits.
std::optional<ApiVersion> parse_version(std::string_view text);
std::string to_string(ApiVersion version);

/// Throws invalid with Docker's sentence when `version` lies outside of the served window.
void check_version(ApiVersion version);

} // namespace gantry::api
