#include "api/raw_json.hpp"

#include <algorithm>

#include "base/json.hpp"

namespace gantry::api {

namespace {

constexpr auto npos = std::string_view::npos;

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(" \t\r\n", at), text.size());
}

/// Behind the string that begins at `at`; npos when it does not end.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\')
      ++at;
    else if (text[at] == '"')
      return at + 1;
  }
  return npos;
}

/// Behind the value that begins at `at`; npos when it does not end.
std::size_t end_of_value(std::string_view text, std::size_t at) {
  std::string open;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') {
      at = end_of_string(text, at);
      if (at == npos) return npos;
      --at;
    } else if (c == '{' || c == '[') {
      open += c == '{' ? '}' : ']';
    } else if (c == '}' || c == ']') {
      if (open.empty()) return at;
      if (open.back() != c) return npos;
      open.pop_back();
    } else if (c == ',' && open.empty()) {
      return at;
    }
    if (open.empty() && (c == '}' || c == ']')) return at + 1;
  }
  return npos;
}

/// Calls `f` with name and text of each member until it returns false.
template <class F>
void each_member(std::string_view object, F f) {
  std::size_t at = skip_blanks(object, 0);
  if (at >= object.size() || object[at] != '{') return;
  for (at = skip_blanks(object, at + 1); at < object.size() && object[at] == '"'; at = skip_blanks(object, at + 1)) {
    const std::size_t name_end = end_of_string(object, at);
    if (name_end == npos) return;
    const std::string_view name = object.substr(at + 1, name_end - at - 2);
    const std::size_t colon = skip_blanks(object, name_end);
    if (colon >= object.size() || object[colon] != ':') return;
    const std::size_t begin = skip_blanks(object, colon + 1), end = end_of_value(object, begin);
    if (end == npos || !f(name, object.substr(begin, end - begin))) return;
    at = skip_blanks(object, end);
    if (at >= object.size() || object[at] != ',') return;
  }
}

/// Nothing in it has to be escaped or checked.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
}

} // namespace

std::string_view raw_member(std::string_view object, std::string_view key) {
  std::string_view found;
  each_member(object, [&](std::string_view name, std::string_view value) {
    if (name == key) found = value;
    return name != key;
  });
  return found;
}

RawObject::RawObject(std::string_view object) {
  members_.reserve(8);
  each_member(object, [&](std::string_view name, std::string_view value) {
    members_.emplace_back(name, value);
    return true;
  });
}

std::string_view RawObject::operator[](std::string_view key) const {
  for (const auto& [name, value] : members_)
    if (name == key) return value;
  return {};
}

std::string quoted(const std::string& text) {
  if (is_plain(text)) return '"' + text + '"';
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace gantry::api
