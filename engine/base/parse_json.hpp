#pragma once

#include <string_view>

#include "base/json.hpp"

namespace gantry {

/// A document as Json::parse has it, in time that grows with its length only: an object of ten thousand members is searched once
/// for each of them there. Of members with the same name the last one counts. Throws Json::parse_error, and invalid for a
/// document that is nested deeper than a hundred levels: writing it out again would exhaust the stack.
Json parse_json(std::string_view text);

} // namespace gantry
