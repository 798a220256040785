#include "containers/json_reader.hpp"

#include <strings.h>

#include <algorithm>

namespace gantry::containers {
namespace {

const char* kind_of(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
      return "null";
    case Json::value_t::object:
      return "an object";
    case Json::value_t::array:
      return "a list";
    case Json::value_t::string:
      return "a string";
    case Json::value_t::boolean:
      return "a boolean";
    default:
      return "a number";
  }
}

bool same_but_for_case(const std::string& a, const char* b) { return ::strcasecmp(a.c_str(), b) == 0; }

} // namespace

const Json* JsonReader::find(const char* key) const {
  if (!object_.is_object()) return nullptr;
  auto it = object_.find(key);
  if (it == object_.end()) it = object_.begin();
  while (it != object_.end() && !same_but_for_case(it.key(), key)) ++it;
  return it == object_.end() || it->is_null() ? nullptr : &*it;
}

void JsonReader::refuse(const std::string& key, const char* allowed, const Json& found) {
  throw invalid(key + ": expected " + allowed + ", got " + kind_of(found));
}

void JsonReader::convert(const Json& value, const std::string& key, std::string& out) {
  if (!value.is_string()) refuse(key, "a string", value);
  out = value.get_ref<const std::string&>();
}

void JsonReader::convert(const Json& value, const std::string& key, bool& out) {
  if (!value.is_boolean()) refuse(key, "a boolean", value);
  out = value.get<bool>();
}

void JsonReader::convert(const Json& value, const std::string& key, std::vector<std::string>& out) {
  if (!value.is_array()) refuse(key, "a list of strings", value);
  out.clear();
  out.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    out.emplace_back();
    convert(value[i], key + "[" + std::to_string(i) + "]", out.back());
  }
}

void JsonReader::convert(const Json& value, const std::string& key, std::map<std::string, std::string>& out) {
  if (!value.is_object()) refuse(key, "an object of strings", value);
  out.clear();
  for (const auto& [name, member] : value.items()) convert(member, key + "." + name, out[name]);
}

void JsonReader::read_keys(const char* key, std::vector<std::string>& out) const {
  const Json* value = find(key);
  if (!value) return;
  if (!value->is_object()) refuse(name(key), "an object", *value);
  out.clear();
  for (const auto& item : value->items()) {
    if (!item.value().is_object() && !item.value().is_null()) refuse(name(key) + "." + item.key(), "an object", item.value());
    out.push_back(item.key());
  }
  std::sort(out.begin(), out.end());
}

} // namespace gantry::containers
