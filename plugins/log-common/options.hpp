#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>

#include <gantry/sdk/log.hpp>

// Values of --log-opt, with the sentences that Docker's users know.
namespace gantry::log_common {

const std::string* find(const LogSettings& settings, const std::string& name);
std::string value_or(const LogSettings& settings, const std::string& name, const std::string& standard);

/// invalid: `before`NAME`after` for the first one that is not known.
void refuse_unknown(const LogSettings& settings, std::initializer_list<const char*> known, const std::string& before,
                    const std::string& after);

bool parse_bool(const std::string& text);
std::optional<std::int64_t> parse_integer(const std::string& text);
/// "10m": bytes with binary suffixes.
std::uint64_t parse_bytes(const std::string& text);
/// Go's "1.5s", "100ms", "1h2m": nanoseconds.
std::int64_t parse_duration(const std::string& text);

} // namespace gantry::log_common
