#pragma once

#include <string>
#include <string_view>

namespace gantry::api {

/// The text of a member's value in the text of an object, without a tree being built; empty when it is not there or the text
/// is no object. What is returned has balanced brackets and closed strings.
std::string_view raw_member(std::string_view object, std::string_view key);
/// `text` as a JSON string, quoted.
std::string quoted(const std::string& text);

} // namespace gantry::api
