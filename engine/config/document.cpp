#include "config/document.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>

#include "base/error.hpp"
#include "base/file.hpp"

namespace gantry::config {

namespace {

constexpr std::size_t largest = 1 << 20;
constexpr int deepest = 16;

std::string at(const YAML::Mark& mark) { return mark.is_null() ? "" : " line " + std::to_string(mark.line + 1); }

/// Types of plain scalars as in YAML 1.2's core schema, floats left as text.
Json scalar(const YAML::Node& node) {
  const auto& text = node.Scalar();
  if (node.Tag() == "!") return text; // quoted
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  if (text == "~" || text == "null") return nullptr;
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  // Leading zeros are octal to some readers and decimal to others: whoever needs such a number decides.
  const bool plain = text.size() == 1 || text.front() != '0';
  if (plain && parsed.ec == std::errc() && parsed.ptr == end) return number;
  return text;
}

Json convert(const YAML::Node& node, int depth) {
  if (depth > deepest) throw invalid(at(node.Mark()) + ": nested too deeply");
  if (node.IsScalar()) return scalar(node);
  if (node.IsNull()) return nullptr;
  if (node.IsSequence()) {
    Json list = Json::array();
    for (const auto& item : node) list.push_back(convert(item, depth + 1));
    return list;
  }
  Json object = Json::object();
  for (const auto& item : node) {
    if (!item.first.IsScalar()) throw invalid(at(item.first.Mark()) + ": a key must be a plain text");
    const auto key = item.first.Scalar();
    if (object.contains(key)) throw invalid(at(item.first.Mark()) + ": the key \"" + key + "\" is given twice");
    object[key] = convert(item.second, depth + 1);
  }
  return object;
}

Json parse_yaml(const std::string& path, const std::string& text) {
  try {
    return convert(YAML::Load(text), 0);
  } catch (const YAML::Exception& e) {
    throw invalid(path + at(e.mark) + ": " + e.msg);
  } catch (const Error& e) {
    throw invalid(path + e.what());
  }
}

Json parse_json(const std::string& path, const std::string& text) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& e) {
    const auto line =
        1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(std::min(e.byte, text.size())), '\n');
    throw invalid(path + " line " + std::to_string(line) + ": malformed JSON");
  }
}

} // namespace

Json read_document(const std::string& path) {
  const auto text = read_file(path, largest);
  const bool blank = text.find_first_not_of(" \t\r\n") == std::string::npos;
  auto document = blank ? Json::object() : path.ends_with(".json") ? parse_json(path, text) : parse_yaml(path, text);
  if (document.is_null()) document = Json::object(); // nothing but comments
  if (!document.is_object()) throw invalid(path + ": a map of settings is needed");
  return document;
}

} // namespace gantry::config
