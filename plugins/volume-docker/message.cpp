#include "message.hpp"

#include <cctype>
#include <charconv>

#include <gantry/sdk/error.hpp>

namespace gantry::volume_docker {
namespace {

constexpr std::string_view line_end = "\r\n";

Error garbage(const std::string& what) { return {Code::unavailable, "the plugin's answer is no HTTP: " + what}; }

bool same_word(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(a[i])) != std::tolower(static_cast<unsigned char>(b[i]))) return false;
  }
  return true;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::optional<std::size_t> number(std::string_view text, int base) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size() || value > longest_answer) return std::nullopt;
  return value;
}

struct Head {
  int status = 0;
  std::optional<std::size_t> length;
  bool chunked = false;
};

void take_field(Head& head, std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) throw garbage("a header without a colon");
  const std::string_view name = line.substr(0, colon), value = trimmed(line.substr(colon + 1));
  if (same_word(name, "transfer-encoding")) head.chunked = same_word(value, "chunked");
  if (!same_word(name, "content-length")) return;
  head.length = number(value, 10);
  if (!head.length) throw garbage("a Content-Length that is none, or is too large");
}

Head parse_head(std::string_view text) {
  Head head;
  std::size_t at = text.find(line_end);
  const std::string_view first = text.substr(0, at);
  const auto status = first.size() >= 12 ? number(first.substr(9, 3), 10) : std::nullopt;
  if (first.rfind("HTTP/1.", 0) != 0 || !status || *status < 100) throw garbage("its first line");
  head.status = static_cast<int>(*status);
  while (at != std::string_view::npos) {
    text.remove_prefix(at + line_end.size());
    at = text.find(line_end);
    const std::string_view line = text.substr(0, at);
    if (!line.empty()) take_field(head, line);
  }
  return head;
}

/// Absent while chunks are missing.
std::optional<std::string> join_chunks(std::string_view bytes) {
  std::string body;
  for (;;) {
    const std::size_t end = bytes.find(line_end);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = bytes.substr(0, end);
    const auto size = number(trimmed(line.substr(0, line.find(';'))), 16);
    if (!size) throw garbage("the size of a chunk");
    if (*size == 0) return body;
    bytes.remove_prefix(end + line_end.size());
    if (bytes.size() < *size + line_end.size()) return std::nullopt;
    body.append(bytes.substr(0, *size));
    bytes.remove_prefix(*size + line_end.size());
  }
}

} // namespace

std::string make_request(const std::string& path, const std::string& body) {
  constexpr const char* type = "application/vnd.docker.plugins.v1.2+json";
  return "POST " + path + " HTTP/1.1\r\nHost: plugin\r\nConnection: close\r\nAccept: " + type + "\r\nContent-Type: " + type +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::optional<Answer> parse_answer(std::string_view bytes, bool ended) {
  if (bytes.size() > longest_answer) throw garbage("it is too long");
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    if (ended || (bytes.size() >= 7 && bytes.rfind("HTTP/1.", 0) != 0))
      throw garbage(ended ? "it ended early" : "its first line");
    return std::nullopt;
  }
  const Head head = parse_head(bytes.substr(0, end));
  const std::string_view rest = bytes.substr(end + 4);
  if (head.chunked) {
    if (auto body = join_chunks(rest)) return Answer{head.status, std::move(*body)};
  } else if (head.length) {
    if (rest.size() >= *head.length) return Answer{head.status, std::string(rest.substr(0, *head.length))};
  } else if (ended) {
    return Answer{head.status, std::string(rest)};
  }
  if (ended) throw garbage("it ended early");
  return std::nullopt;
}

} // namespace gantry::volume_docker
