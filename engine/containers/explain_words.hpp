#pragma once

#include <cstdint>
#include <string>

namespace gantry::containers {

/// "840 ms", "3.2 s", "4 min 10 s", "2 h 5 min", "3 days 4 h".
std::string duration_words(std::int64_t ns);
/// "512 B", "64.0 MiB".
std::string size_words(std::uint64_t bytes);
/// "35 %"; 0 of 0 is 0 %.
std::string share_words(double part, double whole);

} // namespace gantry::containers
