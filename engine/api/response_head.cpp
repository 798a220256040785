#include "api/response_head.hpp"

#include <algorithm>
#include <ctime>

#include "api/version.hpp"

namespace gantry::api {

namespace {

std::string_view standard_reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 409:
      return "Conflict";
    case 413:
      return "Request Entity Too Large";
    case 431:
      return "Request Header Fields Too Large";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    default:
      return "Internal Server Error";
  }
}

void add_header(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

std::string http_date() {
  const auto now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[40];
  const auto length = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text, length};
}

/// Ping knows better.
bool says_experimental(const ResponseHead& head) {
  return std::any_of(head.headers.begin(), head.headers.end(),
                     [](const auto& header) { return header.first == "Docker-Experimental"; });
}

std::string format_with(const ResponseHead& head, bool common) {
  std::string out;
  out.reserve(320);
  out.append("HTTP/1.1 ").append(std::to_string(head.status)).append(" ");
  out.append(head.reason.empty() ? standard_reason(head.status) : head.reason).append("\r\n");
  if (common) add_header(out, "Api-Version", to_string(newest_version));
  if (!head.content_type.empty()) add_header(out, "Content-Type", head.content_type);
  if (common) {
    if (!says_experimental(head)) add_header(out, "Docker-Experimental", "false");
    add_header(out, "Ostype", "linux");
    add_header(out, "Server", "Docker/" + std::string(docker_version) + " (linux)");
    add_header(out, "Date", http_date());
  }
  for (const auto& [name, value] : head.headers) add_header(out, name, value);
  out.append("\r\n");
  return out;
}

} // namespace

std::vector<std::pair<std::string, std::string>> engine_headers() {
  return {{"Api-Version", to_string(newest_version)},
          {"Docker-Experimental", "false"},
          {"Ostype", "linux"},
          {"Server", "Docker/" + std::string(docker_version) + " (linux)"}};
}

std::string format(const ResponseHead& head) { return format_with(head, true); }
std::string format_bare(const ResponseHead& head) { return format_with(head, false); }

} // namespace gantry::api
