#pragma once

#include <cstdint>
#include <string>

namespace gantry::runtime_linux {

/// Whole content without the final newline; empty when it cannot be read.
std::string read_text(const std::string& path);
/// A number; "max" and what is missing read as `otherwise`.
std::uint64_t read_number(const std::string& path, std::uint64_t otherwise = 0);
/// errno, 0 when written.
int try_write(const std::string& path, const std::string& value);
/// Throws internal with path and value.
void write_text(const std::string& path, const std::string& value);

} // namespace gantry::runtime_linux
