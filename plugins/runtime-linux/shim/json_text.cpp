#include "shim/json_text.hpp"

#include <cstdint>
#include <cstring>

namespace gantry::runtime_linux::shim {
namespace {

constexpr std::uint64_t every(std::uint8_t byte) { return 0x0101010101010101ULL * byte; }
constexpr std::uint64_t has_zero(std::uint64_t v) { return (v - every(1)) & ~v & every(0x80); }

/// Do all eight bytes stand for themselves?
bool all_plain(const char* p) {
  std::uint64_t v;
  std::memcpy(&v, p, sizeof v);
  std::uint64_t special = v & every(0x80);         // not ASCII
  special |= (v - every(0x20)) & ~v & every(0x80); // below ' '
  special |= has_zero(v ^ every('"')) | has_zero(v ^ every('\\'));
  special |= has_zero(v ^ every('&'));
  special |= has_zero((v & ~every(2)) ^ every('<')); // '<' is 0x3c, '>' is 0x3e
  return special == 0;
}

bool is_plain(unsigned char c) { return c >= 0x20 && c < 0x80 && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&'; }

/// Length of the valid UTF-8 sequence at p, 0 when it is invalid (overlong, surrogate, truncated, …).
std::size_t sequence_length(const unsigned char* p, std::size_t size) {
  const unsigned char first = p[0];
  std::size_t length = 0;
  unsigned char low = 0x80, high = 0xbf;
  if (first >= 0xc2 && first <= 0xdf)
    length = 2;
  else if (first >= 0xe0 && first <= 0xef)
    length = 3;
  else if (first >= 0xf0 && first <= 0xf4)
    length = 4;
  if (!length || length > size) return 0;
  if (first == 0xe0) low = 0xa0;
  if (first == 0xed) high = 0x9f;
  if (first == 0xf0) low = 0x90;
  if (first == 0xf4) high = 0x8f;
  if (p[1] < low || p[1] > high) return 0;
  for (std::size_t i = 2; i < length; ++i)
    if ((p[i] & 0xc0) != 0x80) return 0;
  return length;
}

char* put(char* out, const char* text, std::size_t n) {
  std::memcpy(out, text, n);
  return out + n;
}

char* escape_ascii(char* out, unsigned char c) {
  constexpr char hex[] = "0123456789abcdef";
  switch (c) {
    case '"':
      return put(out, "\\\"", 2);
    case '\\':
      return put(out, "\\\\", 2);
    case '\n':
      return put(out, "\\n", 2);
    case '\r':
      return put(out, "\\r", 2);
    default:
      out = put(out, "\\u00", 4);
      *out++ = hex[c >> 4];
      *out++ = hex[c & 15];
      return out;
  }
}

char* escape_byte(char* out, unsigned char c) {
  constexpr char hex[] = "0123456789abcdef";
  out = put(out, "\\udc", 4);
  *out++ = hex[c >> 4];
  *out++ = hex[c & 15];
  return out;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 0;
}

char* put_utf8(char* out, unsigned code) {
  if (code < 0x80 || (code >= 0xdc80 && code <= 0xdcff)) {
    *out++ = static_cast<char>(code);
  } else if (code < 0x800) {
    *out++ = static_cast<char>(0xc0 | code >> 6);
    *out++ = static_cast<char>(0x80 | (code & 0x3f));
  } else {
    *out++ = static_cast<char>(0xe0 | code >> 12);
    *out++ = static_cast<char>(0x80 | (code >> 6 & 0x3f));
    *out++ = static_cast<char>(0x80 | (code & 0x3f));
  }
  return out;
}

} // namespace

char* escape_json(char* out, const char* text, std::size_t size, bool exact) {
  const char* p = text;
  const char* const end = text + size;
  while (p < end) {
    const char* const run = p;
    while (end - p >= 8 && all_plain(p)) p += 8;
    while (p < end && is_plain(static_cast<unsigned char>(*p))) ++p;
    out = put(out, run, static_cast<std::size_t>(p - run));
    if (p == end) break;
    const auto* u = reinterpret_cast<const unsigned char*>(p);
    if (*u < 0x80) {
      out = escape_ascii(out, *u);
      ++p;
      continue;
    }
    const std::size_t length = sequence_length(u, static_cast<std::size_t>(end - p));
    if (length == 0) {
      out = exact ? escape_byte(out, *u) : put(out, "\\ufffd", 6);
      ++p;
    } else if (length == 3 && u[0] == 0xe2 && u[1] == 0x80 && (u[2] & 0xfe) == 0xa8) {
      out = put(out, u[2] == 0xa8 ? "\\u2028" : "\\u2029", 6);
      p += 3;
    } else {
      out = put(out, p, length);
      p += length;
    }
  }
  return out;
}

std::size_t unescape_json(char* out, const char* text, std::size_t size, const char** end) {
  char* const start = out;
  const char* const limit = text + size;
  *end = nullptr;
  for (const char* p = text; p < limit; ++p) {
    if (*p == '"') {
      *end = p + 1;
      break;
    }
    if (*p != '\\') {
      *out++ = *p;
      continue;
    }
    if (++p == limit) break;
    if (*p == 'u' && limit - p > 4) {
      out = put_utf8(
          out, static_cast<unsigned>(hex_value(p[1]) << 12 | hex_value(p[2]) << 8 | hex_value(p[3]) << 4 | hex_value(p[4])));
      p += 4;
    } else {
      *out++ = *p == 'n' ? '\n' : *p == 'r' ? '\r' : *p == 't' ? '\t' : *p;
    }
  }
  return static_cast<std::size_t>(out - start);
}

std::size_t unfinished_tail(const char* text, std::size_t size) {
  for (std::size_t back = 1; back <= 3 && back <= size; ++back) {
    const auto c = static_cast<unsigned char>(text[size - back]);
    if ((c & 0xc0) == 0x80) continue;
    const std::size_t length = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

} // namespace gantry::runtime_linux::shim
