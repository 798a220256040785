#include "registry/url.hpp"

#include <cstdio>
#include <memory>

#include <curl/curl.h>

#include "base/error.hpp"

namespace gantry::registry {
namespace {

using Handle = std::unique_ptr<CURLU, void (*)(CURLU*)>;

std::string part(CURLU* url, CURLUPart what, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, what, &text, flags) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

Url take_apart(CURLU* url, const std::string& text) {
  Url result;
  result.scheme = part(url, CURLUPART_SCHEME);
  result.host = part(url, CURLUPART_HOST);
  result.port = part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  if ((result.scheme != "http" && result.scheme != "https") || result.host.empty())
    throw invalid("invalid URL \"" + text + "\": an http or https URL is needed");
  if (result.host.front() == '[') result.host = result.host.substr(1, result.host.size() - 2);
  // Credentials in a URL are never followed: they would go to whoever wrote it.
  curl_url_set(url, CURLUPART_USER, nullptr, 0);
  curl_url_set(url, CURLUPART_PASSWORD, nullptr, 0);
  curl_url_set(url, CURLUPART_FRAGMENT, nullptr, 0);
  result.text = part(url, CURLUPART_URL);
  return result;
}

Url parse(const std::string* base, const std::string& text) {
  Handle url(curl_url(), curl_url_cleanup);
  if (base) curl_url_set(url.get(), CURLUPART_URL, base->c_str(), 0);
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
    throw invalid("invalid URL \"" + text + "\": an http or https URL is needed");
  return take_apart(url.get(), text);
}

} // namespace

Url parse_url(const std::string& text) { return parse(nullptr, text); }

Url resolve_url(const std::string& base, const std::string& location) { return parse(&base, location); }

std::string percent_encode(std::string_view text) {
  std::string out;
  for (unsigned char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                       c == '.' || c == '~';
    if (plain) {
      out += static_cast<char>(c);
    } else {
      char code[4];
      std::snprintf(code, sizeof code, "%%%02X", c);
      out += code;
    }
  }
  return out;
}

std::string with_parameter(const std::string& url, std::string_view key, std::string_view value) {
  return url + (url.find('?') == url.npos ? "?" : "&") + std::string(key) + "=" + percent_encode(value);
}

} // namespace gantry::registry
