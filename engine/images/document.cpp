#include "images/document.hpp"

#include "base/error.hpp"

namespace gantry::images {
namespace {

constexpr int depth_max = 64;

/// Counts brackets outside of strings. A callback of the parser could do that, but with one it looks at all that came before at
/// the end of each object: a list of 10,000 took seconds.
bool is_too_deep(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\')
      ++i;
    else if (c == '"')
      quoted = !quoted;
    else if (!quoted && (c == '{' || c == '[') && ++depth > depth_max)
      return true;
    else if (!quoted && (c == '}' || c == ']'))
      --depth;
  }
  return false;
}

} // namespace

Json parse_document(std::string_view text, const std::string& what) {
  if (text.size() > document_max)
    throw invalid(what + " has " + std::to_string(text.size()) + " bytes, at most " + std::to_string(document_max) +
                  " are allowed");
  if (is_too_deep(text)) throw invalid(what + " is nested too deeply");
  try {
    return Json::parse(text);
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
