#include "api/http.hpp"

#include <algorithm>
#include <cctype>

#include "base/parse_json.hpp"
#include "base/text.hpp"

namespace gantry::api {

namespace {

/// "application/json; charset=utf-8" → "application/json".
std::string media_type(std::string_view header) {
  header = header.substr(0, header.find(';'));
  while (!header.empty() && header.back() == ' ') header.remove_suffix(1);
  return lower(header);
}

/// Without the parser's own "[json.exception.parse_error.101] ".
std::string parse_reason(const Json::parse_error& error) {
  const std::string_view text = error.what();
  const auto mark = text.find("] ");
  return std::string(mark == std::string_view::npos ? text : text.substr(mark + 2));
}

bool blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

} // namespace

const std::string& Request::param(std::string_view name) const {
  static const std::string empty;
  for (const auto& [key, value] : params)
    if (key == name) return value;
  return empty;
}

std::string_view Request::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (same_in_any_case(key, name)) return value;
  return {};
}

Json Request::json() const {
  const auto type = header("Content-Type");
  if (body.empty() && type.empty()) return nullptr;
  if (media_type(type) != "application/json")
    throw invalid("unsupported Content-Type header (" + std::string(type) + "): must be 'application/json'");
  if (body.empty()) return nullptr;
  if (blank(body)) throw invalid("invalid JSON: got EOF while reading request body");
  Json value;
  try {
    value = parse_json(body);
  } catch (const Json::parse_error& error) {
    // A complete document with more behind it is told apart from a broken one.
    if (error.byte > 1 && error.byte <= body.size() + 1 &&
        Json::accept(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(error.byte - 1)))
      throw invalid("unexpected content after JSON");
    throw invalid("invalid JSON: " + parse_reason(error));
  }
  return value;
}

void Reply::empty(int status) { status_ = status; }

void Reply::text(int status, std::string body, std::string content_type) {
  status_ = status;
  body_ = std::move(body);
  content_type_ = std::move(content_type);
}

void Reply::json(int status, const Json& value) { text(status, dump(value) + '\n', "application/json"); }

void Reply::header(std::string name, std::string value) { headers_.emplace_back(std::move(name), std::move(value)); }

std::string dump(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

} // namespace gantry::api
