#pragma once

#include <string>

namespace gantry::net {

/// Reads a file below /proc/sys of the thread's network namespace ("net/ipv4/ip_forward"), without the line's end. Empty when
/// there is none.
std::string read_sysctl(const std::string& name);
/// False when there is no such file, or it cannot be written.
bool write_sysctl(const std::string& name, const std::string& value);

} // namespace gantry::net
