#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"

namespace gantry::containers {

/// Reads one JSON object strictly: a wrong type is an error that names the key, what was found and what is allowed.
/// Unknown keys are ignored; null is absent and leaves the destination as it is.
class JsonReader {
 public:
  /// `path` names the object in messages; empty for the request body itself.
  JsonReader(const Json& object, std::string path) : object_(object), path_(std::move(path)) {
    if (!object.is_object() && !object.is_null()) refuse(path_.empty() ? "body" : path_, "an object", object);
  }

  /// The member, or null when it is absent. Its name in another case will do where there is none in this one, as in Docker.
  const Json* find(const char* key) const;

  std::string name(const char* key) const { return path_.empty() ? key : path_ + "." + key; }

  template <class T>
  void read(const char* key, T& out) const {
    if (const Json* value = find(key)) convert(*value, name(key), out);
  }

  /// A list whose elements are objects, each read by `from(JsonReader)`.
  template <class T, class F>
  void read_objects(const char* key, std::vector<T>& out, F from) const {
    const Json* value = find(key);
    if (!value) return;
    if (!value->is_array()) refuse(name(key), "a list", *value);
    out.clear();
    for (std::size_t i = 0; i < value->size(); ++i) {
      out.push_back(from(JsonReader((*value)[i], name(key) + "[" + std::to_string(i) + "]")));
    }
  }

  /// The sorted keys of an object whose values mean nothing ("80/tcp": {}).
  void read_keys(const char* key, std::vector<std::string>& out) const;

  [[noreturn]] static void refuse(const std::string& key, const char* allowed, const Json& found);

  static void convert(const Json& value, const std::string& key, std::string& out);
  static void convert(const Json& value, const std::string& key, bool& out);
  static void convert(const Json& value, const std::string& key, std::vector<std::string>& out);
  static void convert(const Json& value, const std::string& key, std::map<std::string, std::string>& out);
  static void convert(const Json& value, const std::string&, Json& out) { out = value; }

  template <class T>
  static void convert(const Json& value, const std::string& key, std::optional<T>& out) {
    T inner{};
    convert(value, key, inner);
    out = std::move(inner);
  }

  template <class T>
    requires std::is_integral_v<T>
  static void convert(const Json& value, const std::string& key, T& out) {
    if (!value.is_number_integer()) refuse(key, "a whole number", value);
    const bool fits = value.is_number_unsigned()
                          ? value.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<T>::max())
                          : value.get<std::int64_t>() >= static_cast<std::int64_t>(std::numeric_limits<T>::min());
    if (!fits) throw invalid(key + ": the number " + value.dump() + " is out of range");
    out = value.get<T>();
  }

 private:
  const Json& object_;
  std::string path_;
};

} // namespace gantry::containers
