#include "plugins/schema.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/error.hpp"

namespace gantry::plugins {

namespace {

constexpr std::array<std::string_view, 7> types = {"object", "array", "string", "integer", "number", "boolean", "null"};
constexpr std::array<std::string_view, 3> texts = {"$schema", "title", "description"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& set, const std::string& word) {
  return std::find(set.begin(), set.end(), word) != set.end();
}

bool has_type(const Json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_boolean();
  return value.is_null();
}

void check_keyword(const std::string& keyword, const Json& value, const std::string& where) {
  const auto demand = [&](bool ok, const char* what) {
    if (!ok) throw invalid(where + ": '" + keyword + "' must be " + what);
  };
  if (keyword == "type") {
    demand(value.is_string() && contains(types, value.get<std::string>()), "the name of a JSON type");
  } else if (keyword == "properties") {
    demand(value.is_object(), "an object");
    for (const auto& [name, property] : value.items()) check_schema(property, where + "." + name);
  } else if (keyword == "items") {
    check_schema(value, where + "[]");
  } else if (keyword == "required") {
    demand(value.is_array() && std::all_of(value.begin(), value.end(), [](const Json& v) { return v.is_string(); }),
           "a list of names");
  } else if (keyword == "enum") {
    demand(value.is_array() && !value.empty(), "a list of values");
  } else if (keyword == "additionalProperties") {
    demand(value.is_boolean(), "true or false");
  } else if (keyword != "default" && !contains(texts, keyword)) {
    throw invalid(where + ": the schema keyword '" + keyword + "' is not supported");
  }
}

std::string allowed(const Json& values) {
  std::string list;
  for (const auto& value : values) list += (list.empty() ? "" : ", ") + value.dump();
  return list;
}

void apply_properties(const Json& schema, Json& value, const std::string& where) {
  const Json properties = schema.value("properties", Json::object());
  for (const auto& [name, property] : properties.items()) {
    const std::string place = where + "." + name;
    if (value.contains(name))
      value[name] = apply_schema(property, value[name], place);
    else if (property.contains("default"))
      value[name] = apply_schema(property, property["default"], place);
  }
  for (const auto& name : schema.value("required", Json::array())) {
    if (!value.contains(name.get<std::string>())) throw invalid(where + ": '" + name.get<std::string>() + "' is required");
  }
  if (schema.value("additionalProperties", true)) return;
  for (const auto& [name, unused] : value.items()) {
    if (!properties.contains(name)) throw invalid(where + ": unknown key '" + name + "'");
  }
}

} // namespace

void check_schema(const Json& schema, const std::string& where) {
  if (!schema.is_object()) throw invalid(where + ": a schema must be an object, not " + schema.type_name());
  for (const auto& [keyword, value] : schema.items()) check_keyword(keyword, value, where);
}

Json apply_schema(const Json& schema, Json value, const std::string& where) {
  if (schema.contains("type") && !has_type(value, schema["type"].get<std::string>())) {
    throw invalid(where + ": " + value.dump(-1, ' ', false, Json::error_handler_t::replace) + " is not of type " +
                  schema["type"].get<std::string>());
  }
  if (schema.contains("enum")) {
    const Json& values = schema["enum"];
    if (std::find(values.begin(), values.end(), value) == values.end())
      throw invalid(where + ": " + value.dump(-1, ' ', false, Json::error_handler_t::replace) + " is not one of " +
                    allowed(values));
  }
  if (value.is_object()) apply_properties(schema, value, where);
  if (value.is_array() && schema.contains("items")) {
    for (std::size_t i = 0; i < value.size(); ++i)
      value[i] = apply_schema(schema["items"], value[i], where + "[" + std::to_string(i) + "]");
  }
  return value;
}

} // namespace gantry::plugins
