#pragma once

#include <cstdint>
#include <string>

namespace gantry::cli {

// Parsers of flag values. All throw std::invalid_argument with the sentence that Docker's users know.

/// 1 t T true TRUE True and their opposites.
bool parse_bool(const std::string& text);
/// Decimal, 0x, 0o, 0b, with sign.
std::int64_t parse_int(const std::string& text);
/// 0 to `max`.
std::int64_t parse_uint(const std::string& text, std::int64_t max = INT64_MAX);
/// "1.5g", "10MiB", "512": bytes, in powers of 1024.
std::int64_t parse_bytes(const std::string& text);
/// The same, and "-1" for no limit.
std::int64_t parse_swap(const std::string& text);
/// "1.5" CPUs as billionths.
std::int64_t parse_cpus(const std::string& text);
/// "1h30m", "1.5s", "300ms" as nanoseconds.
std::int64_t parse_duration(const std::string& text);

} // namespace gantry::cli
