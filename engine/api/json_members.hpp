#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.hpp"

// Members of a request's JSON object. Absent and null are the empty value; invalid, naming the key, for another type.
namespace gantry::api {

/// Throws invalid unless `body` is an object or null.
void require_object(const Json& body);
bool bool_member(const Json& object, const char* key);
std::string string_member(const Json& object, const char* key);
std::vector<std::string> strings_member(const Json& object, const char* key);

/// [rows, columns], both 0 when absent.
struct ConsoleSize {
  std::uint32_t rows = 0, cols = 0;
};
ConsoleSize console_size_member(const Json& object);

} // namespace gantry::api
