#include "api/query.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "base/error.hpp"

namespace gantry::api {

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

} // namespace

std::string percent_decode(std::string_view text, bool plus) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus) {
      out += ' ';
    } else if (text[i] == '%') {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
      if (low < 0) throw invalid("invalid URL escape \"" + std::string(text.substr(i, 3)) + "\"");
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i];
    }
    if (out.back() == '\0') throw invalid("a NUL byte is not allowed in a URL");
  }
  return out;
}

Query::Query(std::string_view encoded) : text_(encoded) {
  while (!encoded.empty()) {
    const auto end = encoded.find('&');
    const auto pair = encoded.substr(0, end);
    encoded = end == std::string_view::npos ? std::string_view{} : encoded.substr(end + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    const auto value = equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
    values_.emplace_back(percent_decode(pair.substr(0, equals), true), percent_decode(value, true));
  }
}

bool Query::has(std::string_view name) const {
  return std::any_of(values_.begin(), values_.end(), [&](const auto& pair) { return pair.first == name; });
}

const std::string& Query::get(std::string_view name) const {
  static const std::string empty;
  for (const auto& [key, value] : values_)
    if (key == name) return value;
  return empty;
}

std::vector<std::string> Query::all(std::string_view name) const {
  std::vector<std::string> found;
  for (const auto& [key, value] : values_)
    if (key == name) found.push_back(value);
  return found;
}

bool Query::flag(std::string_view name, bool absent) const {
  if (!has(name)) return absent;
  const auto value = lower(get(name));
  return !(value.empty() || value == "0" || value == "no" || value == "false" || value == "none");
}

std::optional<std::int64_t> Query::integer(std::string_view name) const {
  const auto& text = get(name);
  if (text.empty()) return {};
  std::int64_t value = 0;
  const auto* begin = text.data() + (text[0] == '+' ? 1 : 0);
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    throw invalid("invalid value \"" + text + "\" for " + std::string(name) + ": a decimal number is expected");
  return value;
}

} // namespace gantry::api
