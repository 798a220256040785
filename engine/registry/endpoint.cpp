#include "registry/endpoint.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "base/error.hpp"
#include "registry/tls_files.hpp"
#include "registry/url.hpp"

namespace gantry::registry {
namespace {

constexpr const char* hub = "docker.io";
constexpr const char* hub_host = "registry-1.docker.io";

/// An address of 4 or 16 bytes.
using Address = std::vector<unsigned char>;

Address parse_address(const std::string& text) {
  Address bytes(16);
  if (::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) {
    bytes.resize(4);
    return bytes;
  }
  if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return bytes;
  return {};
}

bool in_network(const Address& address, const std::string& cidr) {
  auto slash = cidr.find('/');
  if (slash == cidr.npos) return false;
  auto network = parse_address(cidr.substr(0, slash));
  auto digits = cidr.substr(slash + 1);
  if (network.empty() || network.size() != address.size() || digits.empty() || digits.size() > 3 ||
      digits.find_first_not_of("0123456789") != digits.npos)
    return false;
  for (auto bits = std::stoul(digits), i = 0UL; bits > 0 && i < address.size(); ++i) {
    auto here = std::min(bits, 8UL);
    auto mask = static_cast<unsigned char>(0xff00U >> here);
    if ((address[i] & mask) != (network[i] & mask)) return false;
    bits -= here;
  }
  return true;
}

std::string host_of(const std::string& domain) {
  if (domain.starts_with('[')) return domain.substr(1, domain.find(']') - 1);
  return domain.substr(0, domain.rfind(':'));
}

std::vector<Address> addresses_of(const std::string& host) {
  if (auto literal = parse_address(host); !literal.empty()) return {literal};
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return {};
  std::unique_ptr<addrinfo, void (*)(addrinfo*)> guard(found, ::freeaddrinfo);
  std::vector<Address> all;
  for (auto* a = found; a; a = a->ai_next) {
    const auto* in4 = reinterpret_cast<const sockaddr_in*>(a->ai_addr);
    const auto* in6 = reinterpret_cast<const sockaddr_in6*>(a->ai_addr);
    const auto* bytes = a->ai_family == AF_INET ? reinterpret_cast<const unsigned char*>(&in4->sin_addr)
                                                : reinterpret_cast<const unsigned char*>(&in6->sin6_addr);
    all.emplace_back(bytes, bytes + (a->ai_family == AF_INET ? 4 : 16));
  }
  return all;
}

std::string trimmed(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

/// "HOST=URL", or "URL" for Docker Hub.
std::vector<std::string> mirrors_of(const std::string& domain, const Settings& settings) {
  std::vector<std::string> urls;
  for (const auto& entry : settings.mirrors) {
    auto equals = entry.find('=');
    const bool named = equals != entry.npos && entry.find("://") > equals;
    if ((named ? entry.substr(0, equals) : hub) == domain) urls.push_back(trimmed(named ? entry.substr(equals + 1) : entry));
  }
  return urls;
}

Endpoint endpoint_at(const std::string& base, const std::string& domain, const Settings& settings) {
  Endpoint endpoint{base, false, base.starts_with("http://"), transport_for(domain, settings)};
  return endpoint;
}

} // namespace

bool is_insecure(const std::string& domain, const Settings& settings) {
  if (std::find(settings.insecure.begin(), settings.insecure.end(), domain) != settings.insecure.end()) return true;
  std::vector<std::string> networks{"127.0.0.0/8", "::1/128"};
  for (const auto& entry : settings.insecure)
    if (entry.find('/') != entry.npos) networks.push_back(entry);
  if (domain == hub) return false;
  for (const auto& address : addresses_of(host_of(domain)))
    for (const auto& network : networks)
      if (in_network(address, network)) return true;
  return false;
}

Transport transport_for(const std::string& domain, const Settings& settings) {
  Transport transport;
  transport.stall_s = settings.stall_s;
  transport.http_proxy = settings.http_proxy;
  transport.https_proxy = settings.https_proxy;
  transport.no_proxy = settings.no_proxy;
  const auto files = find_tls_files(domain, settings.cert_dirs);
  transport.ca_pem = files.ca_pem;
  transport.cert_file = files.cert;
  transport.key_file = files.key;
  return transport;
}

std::vector<Endpoint> endpoints_for(const std::string& domain, const Settings& settings, Mirrors mirrors) {
  std::vector<Endpoint> all;
  if (mirrors == Mirrors::yes) {
    for (const auto& url : mirrors_of(domain, settings)) {
      auto parsed = parse_url(url);
      auto host = parsed.host + ":" + parsed.port;
      auto endpoint = endpoint_at(url, host, settings);
      endpoint.mirror = true;
      endpoint.transport.verify = !is_insecure(host, settings) && !is_insecure(parsed.host, settings);
      all.push_back(std::move(endpoint));
    }
  }
  const std::string host = domain == hub ? hub_host : domain;
  all.push_back(endpoint_at("https://" + host, domain, settings));
  if (!is_insecure(domain, settings)) return all;
  all.back().transport.verify = false;
  all.push_back(endpoint_at("http://" + host, domain, settings));
  return all;
}

} // namespace gantry::registry
