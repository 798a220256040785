#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// The kernel's counter files as the JSON that Docker's clients know, text to text: `stats` of many containers once a second
// must not cost a tree of JSON each.
namespace gantry::runtime_linux {

/// Value of `name` in lines "name value"; 0 when it is not there.
std::uint64_t pair_value(std::string_view text, std::string_view name);

/// Appends {"name":value,…} of the lines "name value" that Docker shows.
void append_memory_parts_v1(std::string& out, std::string_view text);
void append_memory_parts_v2(std::string& out, std::string_view text);

/// Of numbers separated by blanks.
std::uint64_t sum_of(std::string_view text);

/// Appends a list of numbers separated by blanks as [1,2].
void append_numbers(std::string& out, std::string_view text);

/// Appends v1 "major:minor Operation value" lines as Docker's list of objects.
void append_block_io_v1(std::string& out, std::string_view text);
/// Appends one of the lists of io.stat: with `bytes` rbytes and wbytes, else rios and wios.
void append_block_io_v2(std::string& out, std::string_view text, bool bytes);

/// Appends {"eth0":{"rx_bytes":…}} of /proc/PID/net/dev, without lo; false and nothing when there is no other interface.
bool append_networks(std::string& out, std::string_view text);

/// Appends {"some":{"avg10":0.00,…},"full":{…}} of a pressure file.
void append_pressure(std::string& out, std::string_view text);

} // namespace gantry::runtime_linux
