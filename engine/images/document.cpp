#include "images/document.hpp"

#include "base/error.hpp"

namespace gantry::images {

Json parse_document(std::string_view text, const std::string& what) {
  constexpr int depth_max = 64;
  if (text.size() > document_max)
    throw invalid(what + " has " + std::to_string(text.size()) + " bytes, at most " + std::to_string(document_max) +
                  " are allowed");
  auto limit = [&](int depth, Json::parse_event_t, Json&) {
    if (depth > depth_max) throw invalid(what + " is nested too deeply");
    return true;
  };
  try {
    return Json::parse(text, limit);
  } catch (const Json::exception& e) {
    throw invalid(what + " is not valid JSON: " + e.what());
  }
}

std::string string_member(const Json& object, const char* key, const std::string& what) {
  auto at = object.find(key);
  if (at == object.end() || at->is_null()) return {};
  if (!at->is_string()) throw invalid(what + ": " + key + " must be a string");
  return at->get<std::string>();
}

std::vector<std::string> strings_member(const Json& object, const char* key, const std::string& what) {
  auto at = object.find(key);
  if (at == object.end() || at->is_null()) return {};
  auto refuse = [&] { return invalid(what + ": " + key + " must be a list of strings"); };
  if (!at->is_array()) throw refuse();
  std::vector<std::string> list;
  for (const auto& item : *at) {
    if (!item.is_string()) throw refuse();
    list.push_back(item.get<std::string>());
  }
  return list;
}

} // namespace gantry::images
