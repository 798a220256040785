#include "containers/health/probe_target.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "base/error.hpp"

namespace gantry::containers {
namespace {

constexpr std::size_t longest_url = 2048;

[[noreturn]] void refuse(const std::string& url, const std::string& why) {
  throw invalid("probe \"" + url + "\": " + why + "; expected http://[HOST]:PORT[/PATH] or tcp://[HOST]:PORT");
}

bool is_address(const std::string& text) {
  in6_addr parsed{};
  return ::inet_pton(AF_INET, text.c_str(), &parsed) == 1 || ::inet_pton(AF_INET6, text.c_str(), &parsed) == 1;
}

std::uint16_t port_of(const std::string& url, std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) {
    refuse(url, "the port \"" + std::string(text) + "\" is not between 1 and 65535");
  }
  return port;
}

std::vector<std::string> addresses_of(const std::string& url, const std::string& host) {
  if (host.empty() || host == "localhost") return {"127.0.0.1", "::1"};
  if (!is_address(host)) refuse(url, "the host \"" + host + "\" is not an address");
  return {host};
}

/// Splits "[::1]:80", "1.2.3.4:80", ":80" and "1.2.3.4".
void read_authority(ProbeTarget& target, std::string_view text) {
  std::string_view host = text.substr(0, text.find(':'));
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) refuse(target.url, "\"]\" is missing");
    host = text.substr(1, close - 1);
    text.remove_prefix(close + 1);
  } else {
    text.remove_prefix(host.size());
  }
  target.addresses = addresses_of(target.url, std::string(host));
  if (text.empty()) {
    if (target.kind == ProbeTarget::Kind::tcp) refuse(target.url, "the port is missing");
    target.port = 80;
  } else if (text.front() != ':') {
    refuse(target.url, "\"" + std::string(text) + "\" behind the host is no port");
  } else {
    target.port = port_of(target.url, text.substr(1));
  }
}

/// What goes into the request line as it is.
bool is_plain(char c) { return c > ' ' && c < 0x7f && c != '#'; }

} // namespace

ProbeTarget parse_probe_target(const std::string& url) {
  ProbeTarget target;
  target.url = url;
  if (url.size() > longest_url) throw invalid("the URL of a probe is longer than " + std::to_string(longest_url) + " characters");
  std::string_view rest = url;
  if (rest.starts_with("http://")) {
    target.kind = ProbeTarget::Kind::http;
    rest.remove_prefix(7);
  } else if (rest.starts_with("tcp://")) {
    rest.remove_prefix(6);
  } else {
    refuse(url, "the scheme is neither http nor tcp");
  }
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  rest.remove_prefix(authority.size());
  if (!std::all_of(rest.begin(), rest.end(), is_plain)) {
    refuse(url, "the path contains a blank, a \"#\" or a character that is not ASCII");
  }
  if (target.kind == ProbeTarget::Kind::tcp && !rest.empty()) refuse(url, "a tcp probe has no path");
  target.path = rest.starts_with('/') ? std::string(rest) : "/" + std::string(rest);
  read_authority(target, authority);
  return target;
}

} // namespace gantry::containers
