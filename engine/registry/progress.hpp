#pragma once

#include <cstdint>
#include <string>

#include "base/json.hpp"

// The messages of Docker's progress streams.
namespace gantry::registry {

/// {"status":"Pulling fs layer","progressDetail":{},"id":"f7a8f3ca4a1b"}
Json step_message(const std::string& id, const std::string& status);
/// The same with bytes, and with the bar that old clients print as it is.
Json bytes_message(const std::string& id, const std::string& status, std::uint64_t current, std::uint64_t total);
/// {"status":text}, with an id where there is one.
Json status_message(const std::string& status, const std::string& id = "");
/// "3.001MB", "32.77kB", "5B": four significant digits, units of 1000.
std::string human_size(std::uint64_t bytes);

} // namespace gantry::registry
