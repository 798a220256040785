#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.hpp"

// How Docker writes empty values: some lists as null, some as [], some not at all.
namespace gantry::containers {

template <class T>
Json null_if_empty(const T& value) {
  return value.empty() ? Json(nullptr) : Json(value);
}

template <class T>
Json null_if_absent(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

template <class T>
void write_if_set(Json& object, const char* key, const T& value) {
  if (!value.empty()) object[key] = value;
}

/// Adds a member that the object does not have yet: `object[key]` looks at all that there are, which is slow in large ones.
inline void append(Json& object, std::string key, Json value) {
  object.get_ref<Json::object_t&>().emplace_back(std::move(key), std::move(value));
}

template <class Map>
Json object_of(const Map& map) {
  Json object = Json::object();
  for (const auto& [key, value] : map) append(object, key, value);
  return object;
}

/// {"80/tcp": {}} from the list of keys.
inline Json set_of(const std::vector<std::string>& keys) {
  Json object = Json::object();
  for (const auto& key : keys) append(object, key, Json::object());
  return object;
}

} // namespace gantry::containers
