#pragma once

#include <cstdint>
#include <string>

#include "config/config.hpp"

// Texts of flags and files as values. All throw invalid with the text and what is allowed.
namespace gantry::config {

/// true, false and Go's other spellings (1, 0, t, f, TRUE, …).
bool parse_bool(const std::string& text);
std::int64_t parse_integer(const std::string& text, std::int64_t low, std::int64_t high);
/// "67108864", "64m", "64MiB", "1.5g": binary units, in any case.
std::int64_t parse_bytes(const std::string& text);
/// "nofile=1024:4096", "nofile=1024"; -1 or "unlimited" is no limit.
Ulimit parse_ulimit(const std::string& text);
/// unix:///absolute/path or tcp://[address]:port, also dockerd's short forms; returns the full form.
std::string parse_host(const std::string& text);
/// An IPv4 or IPv6 address.
std::string parse_ip(const std::string& text);
/// Absolute path without NUL and line breaks.
std::string parse_path(const std::string& text);
/// "URL" or "HOST=URL" with an http(s) URL that has neither user, query nor fragment.
std::string parse_mirror(const std::string& text);
/// "key=value" with a key.
std::string parse_label(const std::string& text);

} // namespace gantry::config
