#include "api/detach_keys.hpp"

#include <optional>
#include <string_view>

#include "base/error.hpp"

namespace gantry::api {

namespace {

std::optional<char> control_code(char c) {
  if (c >= 'a' && c <= 'z') return static_cast<char>(c - 'a' + 1);
  if (c == '@') return '\0';
  constexpr std::string_view from_escape = "[\\]^_";
  const auto at = from_escape.find(c);
  if (at == std::string_view::npos) return {};
  return static_cast<char>(27 + at);
}

std::optional<char> key_code(std::string_view key) {
  constexpr std::string_view control = "ctrl-";
  if (key.size() == 1) return key[0];
  if (key.size() == control.size() + 1 && key.starts_with(control)) return control_code(key.back());
  return {};
}

} // namespace

std::string parse_detach_keys(const std::string& text, const char* called) {
  std::string bytes;
  if (text.empty()) return bytes;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find(',', begin), text.size());
    const auto code = key_code(std::string_view(text).substr(begin, end - begin));
    if (!code) throw invalid(std::string("Invalid ") + called + " keys (" + text + ") provided");
    bytes += *code;
    begin = end + 1;
  }
  return bytes;
}

} // namespace gantry::api
