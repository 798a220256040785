#include "cli/format/printf.hpp"

#include <cstdio>

#include "cli/format/template.hpp"

namespace gantry::cli {
namespace {

constexpr std::size_t max_width = 4096;

struct Verb {
  bool left = false, zero = false;
  std::size_t width = 0;
  int precision = -1;
  char letter = 0;
};

std::size_t read_number(const std::string& format, std::size_t& at) {
  std::size_t n = 0;
  for (; at < format.size() && format[at] >= '0' && format[at] <= '9'; ++at)
    n = std::min(n * 10 + static_cast<std::size_t>(format[at] - '0'), max_width);
  return n;
}

Verb read_verb(const std::string& format, std::size_t& at) {
  Verb verb;
  for (; at < format.size() && std::string("-+# 0").find(format[at]) != std::string::npos; ++at) {
    verb.left |= format[at] == '-';
    verb.zero |= format[at] == '0';
  }
  verb.width = read_number(format, at);
  if (at < format.size() && format[at] == '.') verb.precision = static_cast<int>(read_number(format, ++at));
  if (at < format.size()) verb.letter = format[at++];
  return verb;
}

std::string bad(char letter, const Json& value) {
  return std::string("%!") + letter + "(" + (value.is_string() ? "string" : value.type_name()) + "=" + to_text(value) + ")";
}

std::string hex(const Json& value) {
  char out[32];
  if (value.is_number_integer()) {
    std::snprintf(out, sizeof out, "%llx", static_cast<unsigned long long>(value.get<std::int64_t>()));
    return out;
  }
  std::string text;
  for (const char c : to_text(value)) {
    std::snprintf(out, sizeof out, "%02x", static_cast<unsigned char>(c));
    text += out;
  }
  return text;
}

std::string convert(const Verb& verb, const Json& value) {
  switch (verb.letter) {
    case 'v':
      return to_text(value);
    case 's': {
      if (!value.is_string()) return value.is_number() || value.is_boolean() ? bad('s', value) : to_text(value);
      const std::string text = value;
      return verb.precision >= 0 ? text.substr(0, static_cast<std::size_t>(verb.precision)) : text;
    }
    case 'q':
      return value.is_string() ? value.dump(-1, ' ', false, Json::error_handler_t::replace) : bad('q', value);
    case 'd':
      return value.is_number_integer() ? value.dump() : bad('d', value);
    case 't':
      return value.is_boolean() ? value.dump() : bad('t', value);
    case 'x':
      return hex(value);
    case 'f': {
      if (!value.is_number()) return bad('f', value);
      char out[400];
      std::snprintf(out, sizeof out, "%.*f", verb.precision < 0 ? 6 : std::min(verb.precision, 50), value.get<double>());
      return out;
    }
    default:
      return bad(verb.letter, value);
  }
}

} // namespace

std::string go_printf(const std::string& format, const std::vector<Json>& arguments) {
  std::string out;
  std::size_t used = 0;
  for (std::size_t at = 0; at < format.size();) {
    if (format[at] != '%') {
      out += format[at++];
      continue;
    }
    const Verb verb = read_verb(format, ++at);
    if (verb.letter == '%') {
      out += '%';
    } else if (verb.letter == 0) {
      out += "%!(NOVERB)";
    } else if (used == arguments.size()) {
      out += std::string("%!") + verb.letter + "(MISSING)";
    } else {
      std::string text = convert(verb, arguments[used++]);
      const std::size_t missing = verb.width > text.size() ? verb.width - text.size() : 0;
      out +=
          verb.left ? text + std::string(missing, ' ') : std::string(missing, verb.zero && verb.letter == 'd' ? '0' : ' ') + text;
    }
  }
  return out;
}

} // namespace gantry::cli
