#include "api/raw_json.hpp"

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

} // namespace

std::string_view raw_member(std::string_view object, std::string_view key) {
  std::size_t at = skip_blanks(object, 0);
  if (at >= object.size() || object[at] != '{') return {};
  for (at = skip_blanks(object, at + 1); at < object.size() && object[at] == '"'; at = skip_blanks(object, at + 1)) {
    const std::size_t name_end = end_of_string(object, at);
    if (name_end == npos) return {};
    const std::string_view name = object.substr(at + 1, name_end - at - 2);
    const std::size_t colon = skip_blanks(object, name_end);
    if (colon >= object.size() || object[colon] != ':') return {};
    const std::size_t begin = skip_blanks(object, colon + 1), end = end_of_value(object, begin);
    if (end == npos) return {};
    if (name == key) return object.substr(begin, end - begin);
    at = skip_blanks(object, end);
    if (at >= object.size() || object[at] != ',') return {};
  }
  return {};
}

std::string quoted(const std::string& text) { return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace); }

} // namespace gantry::api
