#include "api/filters.hpp"

#include <algorithm>
#include <regex>

#include "base/error.hpp"
#include "base/json.hpp"

namespace gantry::api {

namespace {

std::vector<std::string> read_values(const std::string& key, const Json& value) {
  std::vector<std::string> values;
  if (value.is_object()) {
    for (const auto& [name, on] : value.items())
      if (on.is_boolean() && on.get<bool>()) values.push_back(name);
  } else if (value.is_array()) {
    for (const auto& item : value) {
      if (!item.is_string()) throw invalid("invalid filter '" + key + "': its values must be strings");
      values.push_back(item.get<std::string>());
    }
  } else {
    throw invalid("invalid filter '" + key + "': expected an object or a list");
  }
  return values;
}

// A regular expression from a client may not take the daemon's stack or time: std::regex recurses per character.
constexpr std::size_t longest_pattern = 256;
constexpr std::size_t longest_subject = 1024;

} // namespace

Filters::Filters(const std::string& text) {
  if (text.empty()) return;
  const auto parsed = Json::parse(text, nullptr, false);
  if (!parsed.is_object()) throw invalid("invalid filter: expected a JSON object, got " + text.substr(0, 100));
  for (const auto& [key, value] : parsed.items()) {
    named_.push_back(key);
    auto values = read_values(key, value);
    if (!values.empty()) values_.emplace(key, std::move(values));
  }
}

Filters::Filters(const std::string& text, std::initializer_list<std::string_view> allowed) : Filters(text) {
  for (const auto& key : named_)
    if (std::find(allowed.begin(), allowed.end(), key) == allowed.end()) throw invalid("invalid filter '" + key + "'");
}

const std::vector<std::string>& Filters::get(std::string_view key) const {
  static const std::vector<std::string> none;
  const auto found = values_.find(key);
  return found == values_.end() ? none : found->second;
}

bool Filters::flag(std::string_view key, bool absent) const {
  const auto& values = get(key);
  if (values.empty()) return absent;
  const auto is_one_of = [&](std::string_view a, std::string_view b) {
    return std::all_of(values.begin(), values.end(), [&](const auto& v) { return v == a || v == b; });
  };
  if (is_one_of("1", "true")) return true;
  if (is_one_of("0", "false")) return false;
  std::string all; // as Go prints a list
  for (const auto& value : values) all += (all.empty() ? "" : " ") + value;
  throw invalid("invalid filter '" + std::string(key) + "=[" + all + "]'");
}

bool match_labels(const std::vector<std::string>& wanted, const std::map<std::string, std::string>& labels) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const std::string& pair) {
    const auto equals = pair.find('=');
    const auto found = labels.find(pair.substr(0, equals));
    return found != labels.end() && (equals == std::string::npos || found->second == pair.substr(equals + 1));
  });
}

bool match_pattern(const std::vector<std::string>& patterns, const std::string& text) {
  if (patterns.empty()) return true;
  for (const auto& pattern : patterns)
    if (pattern == text) return true;
  if (text.size() > longest_subject) return false;
  for (const auto& pattern : patterns) {
    if (pattern.size() > longest_pattern) continue;
    try {
      if (std::regex_search(text, std::regex(pattern, std::regex::ECMAScript))) return true;
    } catch (const std::regex_error&) {
      continue; // as Docker: a bad expression matches nothing
    }
  }
  return false;
}

} // namespace gantry::api
