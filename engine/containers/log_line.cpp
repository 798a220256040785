#include "containers/log_line.hpp"

#include <cctype>
#include <charconv>
#include <map>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/time.hpp"

namespace gantry::containers {
namespace {

/// Takes `prefix` off the front of `text`.
bool skip(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::optional<unsigned> hex4(std::string_view text) {
  unsigned code = 0;
  if (text.size() < 4) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + 4, code, 16);
  if (error != std::errc() || end != text.data() + 4) return std::nullopt;
  return code;
}

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

/// What follows "\u" in `text`, which is taken off.
bool unescape_unicode(std::string_view& text, std::string& out) {
  const auto code = hex4(text);
  if (!code) return false;
  text.remove_prefix(4);
  if (*code >= 0xdc80 && *code <= 0xdcff) {
    out += static_cast<char>(*code & 0xff);
    return true;
  }
  if (*code >= 0xd800 && *code < 0xdc00 && text.starts_with("\\u")) {
    const auto low = hex4(text.substr(2));
    if (!low || *low < 0xdc00 || *low > 0xdfff) return false;
    text.remove_prefix(6);
    append_utf8(out, 0x10000 + ((*code - 0xd800) << 10) + (*low - 0xdc00));
    return true;
  }
  append_utf8(out, *code);
  return true;
}

/// A JSON string whose opening quote is gone; takes it and its closing quote off `text`.
bool unescape(std::string_view& text, std::string& out) {
  for (;;) {
    const std::size_t run = text.find_first_of("\"\\");
    if (run == std::string_view::npos || run + 1 >= text.size()) return false;
    out.append(text.substr(0, run));
    const char kind = text[run];
    const char escaped = text[run + 1];
    text.remove_prefix(run + 1);
    if (kind == '"') return true;
    text.remove_prefix(1);
    if (escaped == 'u') {
      if (!unescape_unicode(text, out)) return false;
      continue;
    }
    static constexpr std::string_view names = "nrtbf\"\\/", values = "\n\r\t\b\f\"\\/";
    const std::size_t at = names.find(escaped);
    if (at == std::string_view::npos) return false;
    out += values[at];
  }
}

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + count, number);
  if (error != std::errc() || end != text.data() + at + count) return std::nullopt;
  return number;
}

/// Days since 1970-01-01 of a date in the Gregorian calendar.
std::int64_t days_of(std::int64_t year, int month, int day) {
  year -= month <= 2;
  const std::int64_t era = year / 400, of_era = year - era * 400;
  const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/// "2024-01-02T03:04:05.6Z", as the shim writes it.
std::optional<std::int64_t> parse_time(std::string_view text) {
  if (text.size() < 20 || text.back() != 'Z') return std::nullopt;
  const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  const auto hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  std::int64_t fraction = 0;
  if (text.size() > 20) {
    if (text[19] != '.' || text.size() > 30) return std::nullopt;
    std::int64_t scale = 100'000'000;
    for (std::size_t i = 20; i + 1 < text.size(); ++i, scale /= 10) {
      if (text[i] < '0' || text[i] > '9') return std::nullopt;
      fraction += (text[i] - '0') * scale;
    }
  }
  const std::int64_t seconds = days_of(*year, *month, *day) * 86400 + *hour * 3600 + *minute * 60 + *second;
  return seconds * 1'000'000'000 + fraction;
}

void append_query_escaped(std::string& out, std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (std::isalnum(u) || std::string_view("-_.~").find(c) != std::string_view::npos)
      out += c;
    else if (c == ' ')
      out += '+';
    else
      out.append({'%', hex[u >> 4], hex[u & 15]});
  }
}

std::string details(const Json& attrs) {
  std::map<std::string, std::string> sorted;
  for (const auto& [key, value] : attrs.items()) {
    if (value.is_string()) sorted[key] = value.get<std::string>();
  }
  std::string text;
  for (const auto& [key, value] : sorted) {
    if (!text.empty()) text += ',';
    append_query_escaped(text, key);
    text += '=';
    append_query_escaped(text, value);
  }
  return text;
}

/// The same for every line of a container: parsed once.
const std::string& details(std::string_view attrs) {
  thread_local std::string last, text;
  if (last != attrs) {
    const Json json = Json::parse(attrs, nullptr, false);
    text = json.is_object() ? details(json) : "";
    last = attrs;
  }
  return text;
}

/// Lines that the shim wrote.
std::optional<LogLine> parse_own(std::string_view text) {
  LogLine line;
  if (!skip(text, "{\"log\":\"") || !unescape(text, line.text)) return std::nullopt;
  if (skip(text, ",\"stream\":\"stderr\","))
    line.stream = LogLine::Stream::err;
  else if (!skip(text, ",\"stream\":\"stdout\","))
    return std::nullopt;
  const std::size_t time = text.rfind("\"time\":\"");
  if (time == std::string_view::npos || !text.ends_with("\"}")) return std::nullopt;
  const auto when = parse_time(text.substr(time + 8, text.size() - time - 10));
  if (!when) return std::nullopt;
  line.time_ns = *when;
  std::string_view attrs = text.substr(0, time);
  if (skip(attrs, "\"attrs\":") && attrs.ends_with(",")) line.attrs = details(attrs.substr(0, attrs.size() - 1));
  return line;
}

/// Lines of somebody else's json-file log, in any order of members.
std::optional<LogLine> parse_any(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const auto log = json.find("log"), stream = json.find("stream"), time = json.find("time"), attrs = json.find("attrs");
  if (log == json.end() || !log->is_string() || time == json.end() || !time->is_string()) return std::nullopt;
  LogLine line;
  line.text = log->get<std::string>();
  if (stream != json.end() && *stream == "stderr") line.stream = LogLine::Stream::err;
  try {
    line.time_ns = parse_timestamp(time->get<std::string>());
  } catch (const Error&) {
    return std::nullopt;
  }
  if (attrs != json.end() && attrs->is_object()) line.attrs = details(*attrs);
  return line;
}

} // namespace

std::optional<LogLine> parse_log_line(std::string_view text) {
  auto line = parse_own(text);
  return line ? line : parse_any(text);
}

} // namespace gantry::containers
