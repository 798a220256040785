#pragma once

#include <cstdint>
#include <string>

namespace gantry {

/// CLOCK_REALTIME nanoseconds since the epoch.
std::int64_t now_ns();
/// Go's RFC3339Nano in UTC ("2024-01-02T03:04:05.6Z": trailing zeros cut); 0 is "0001-01-01T00:00:00Z".
std::string rfc3339_nano(std::int64_t ns);
/// Always nine digits, as in `logs --timestamps`.
std::string rfc3339_nano_fixed(std::int64_t ns);
/// Docker's `since`/`until` syntax: unix seconds with optional fraction, RFC3339 with or without zone, dates, or a Go duration
/// before now ("10m"). invalid otherwise.
std::int64_t parse_timestamp(const std::string& text);
/// Go duration ("1h30m", "1.5s") in nanoseconds; invalid otherwise.
std::int64_t parse_duration(const std::string& text);
/// The same, written as Go does: "1m30s", "1.5s", "700ms", "0s".
std::string duration_text(std::int64_t ns);

} // namespace gantry
