#pragma once

#include <string>
#include <string_view>

namespace gantry {

/// 64 lower-case hex digits from getrandom(2); never all digits in the first 12 (Docker's rule: a short id is not a number).
std::string random_id();
/// 12 characters of an id, without "sha256:".
std::string short_id(std::string_view id);

} // namespace gantry
