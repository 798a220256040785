#pragma once

#include <cstdint>
#include <string>

namespace gantry::cli {

/// 1982298 as "1.98MB": powers of 1000, `digits` significant.
std::string human_size(double bytes, int digits = 4);
/// 704512 as "688KiB": powers of 1024.
std::string human_size_binary(double bytes);
/// "3 seconds", "About a minute", "2 weeks".
std::string human_duration(std::int64_t seconds);
/// RFC 3339 with up to nine digits of fraction as nanoseconds since 1970; 0 for what it is not.
std::int64_t parse_time(const std::string& text);
/// "2026-11-23 20:01:25 +0000 UTC" in the local zone.
std::string long_time(std::int64_t seconds);
/// "2026-11-23T20:01:24Z" with the local zone's offset.
std::string rfc3339_time(std::int64_t seconds);
std::int64_t now_seconds();

} // namespace gantry::cli
