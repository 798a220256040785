#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace gantry::images {

/// Largest manifest, index or config that is read.
inline constexpr std::size_t document_max = 8 << 20;

/// Parses an untrusted JSON document; `what` names it in errors. Refuses nesting beyond 64 levels.
Json parse_document(std::string_view text, const std::string& what);

/// Member `key` of an object as a string; empty when absent or null; invalid when it is something else.
std::string string_member(const Json& object, const char* key, const std::string& what);
/// Same for a list of strings.
std::vector<std::string> strings_member(const Json& object, const char* key, const std::string& what);

} // namespace gantry::images
