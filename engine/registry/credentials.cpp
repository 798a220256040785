#include "registry/credentials.hpp"

#include <cstdint>

#include "base/error.hpp"

namespace gantry::registry {
namespace {

constexpr std::size_t header_max = 64 << 10;

int value_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

std::string member(const Json& object, const char* key) {
  auto at = object.find(key);
  if (at == object.end() || at->is_null()) return {};
  if (!at->is_string()) throw invalid(std::string("invalid credentials: ") + key + " must be a string");
  return at->get<std::string>();
}

/// Go matches member names in any case.
Json with_lower_keys(const Json& object) {
  Json lower = Json::object();
  for (const auto& [key, value] : object.items()) {
    std::string name = key;
    for (auto& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    lower[name] = value;
  }
  return lower;
}

} // namespace

bool base64_decode(std::string_view text, std::string& bytes) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  if (text.size() % 4 == 1) return false;
  bytes.clear();
  std::uint32_t bits = 0;
  int count = 0;
  for (char c : text) {
    int value = value_of(c);
    if (value < 0) return false;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xff);
  }
  return true;
}

std::string base64_encode(std::string_view bytes) {
  constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) bits = bits << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) text += i + k > bytes.size() ? '=' : digits[bits >> (18 - 6 * k) & 63];
  }
  return text;
}

Credentials credentials_of(const Json& auth_config) {
  if (auth_config.is_null()) return {};
  if (!auth_config.is_object()) throw invalid("invalid credentials: an object is needed");
  const Json config = with_lower_keys(auth_config);
  Credentials c;
  c.username = member(config, "username");
  c.password = member(config, "password");
  c.identity_token = member(config, "identitytoken");
  c.registry_token = member(config, "registrytoken");
  c.server_address = member(config, "serveraddress");
  std::string both;
  if (c.username.empty() && base64_decode(member(config, "auth"), both)) {
    auto colon = both.find(':');
    if (colon != both.npos) {
      c.username = both.substr(0, colon);
      c.password = both.substr(colon + 1);
    }
  }
  return c;
}

Credentials credentials_of_header(std::string_view header) {
  std::string text;
  if (header.empty() || header.size() > header_max || !base64_decode(header, text)) return {};
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return {};
  try {
    return credentials_of(json);
  } catch (const Error&) {
    return {};
  }
}

} // namespace gantry::registry
