#pragma once

#include <string>
#include <string_view>

namespace gantry {

/// ASCII only: names of protocols and formats, whatever the locale is.
std::string lower(std::string_view text);
bool same_in_any_case(std::string_view a, std::string_view b);
/// Without white space at both ends.
std::string_view trimmed(std::string_view text);

} // namespace gantry
