#pragma once

#include <string>

#include "base/json.hpp"

// The part of JSON Schema that plugin manifests may use: type, properties, required, additionalProperties (true or false),
// items, enum, default, and the texts $schema, title, description.
namespace gantry::plugins {

/// invalid, naming the place and the keyword, when `schema` is not of that part.
void check_schema(const Json& schema, const std::string& where);

/// `value` with the schema's defaults filled in. invalid, naming the key, its value and what is allowed.
Json apply_schema(const Json& schema, Json value, const std::string& where);

} // namespace gantry::plugins
