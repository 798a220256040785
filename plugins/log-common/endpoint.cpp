#include "log-common/endpoint.hpp"

#include <gantry/sdk/error.hpp>

namespace gantry::log_common {

std::string Endpoint::text() const {
  if (!path.empty()) return protocol + "://" + path;
  return protocol + "://" + (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + port;
}

std::optional<Url> parse_url(const std::string& text) {
  const std::size_t colon = text.find("://");
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  Url url;
  url.scheme = text.substr(0, colon);
  const std::string rest = text.substr(colon + 3);
  const std::size_t slash = rest.find('/');
  std::string authority = rest.substr(0, slash);
  if (slash != std::string::npos) url.path = rest.substr(slash);
  const std::size_t bracket = authority.rfind(']');
  const std::size_t port = authority.find(':', bracket == std::string::npos ? 0 : bracket);
  if (port != std::string::npos) {
    url.port = authority.substr(port + 1);
    authority.erase(port);
    if (url.port.find_first_not_of("0123456789") != std::string::npos)
      throw Error(Code::invalid, "parse \"" + text + "\": invalid port \":" + url.port + "\" after host");
  }
  if (authority.size() >= 2 && authority.front() == '[' && authority.back() == ']')
    authority = authority.substr(1, authority.size() - 2);
  url.host = authority;
  return url;
}

} // namespace gantry::log_common
