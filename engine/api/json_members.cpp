#include "api/json_members.hpp"

#include "base/error.hpp"
#include "containers/json_reader.hpp"

namespace gantry::api {

namespace {

Error wrong_type(const char* key, const char* expected, const Json& found) {
  return invalid(std::string(key) + ": expected " + expected + ", got " + found.type_name());
}

/// docker-py says "detachKeys" and "Privileged": the case of names does not matter, as in Docker.
const Json* find(const Json& object, const char* key) {
  return object.is_object() ? gantry::containers::JsonReader(object, "").find(key) : nullptr;
}

} // namespace

void require_object(const Json& body) {
  if (!body.is_object() && !body.is_null())
    throw invalid(std::string("invalid JSON: expected an object, got ") + body.type_name());
}

bool bool_member(const Json& object, const char* key) {
  const auto* value = find(object, key);
  if (value == nullptr) return false;
  if (!value->is_boolean()) throw wrong_type(key, "a boolean", *value);
  return value->get<bool>();
}

std::string string_member(const Json& object, const char* key) {
  const auto* value = find(object, key);
  if (value == nullptr) return "";
  if (!value->is_string()) throw wrong_type(key, "a string", *value);
  return value->get<std::string>();
}

std::vector<std::string> strings_member(const Json& object, const char* key) {
  std::vector<std::string> strings;
  const auto* value = find(object, key);
  if (value == nullptr) return strings;
  if (!value->is_array()) throw wrong_type(key, "a list of strings", *value);
  for (const auto& item : *value) {
    if (!item.is_string()) throw wrong_type(key, "a list of strings", item);
    strings.push_back(item.get<std::string>());
  }
  return strings;
}

ConsoleSize console_size_member(const Json& object) {
  const auto* value = find(object, "ConsoleSize");
  if (value == nullptr) return {};
  const auto is_side = [](const Json& side) { return side.is_number_unsigned() && side.get<std::uint64_t>() <= 65535; };
  if (!value->is_array() || value->size() != 2 || !is_side((*value)[0]) || !is_side((*value)[1]))
    throw invalid("ConsoleSize: expected [height, width], two numbers from 0 to 65535");
  return {(*value)[0].get<std::uint32_t>(), (*value)[1].get<std::uint32_t>()};
}

} // namespace gantry::api
