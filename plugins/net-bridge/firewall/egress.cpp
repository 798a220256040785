#include "firewall/egress.hpp"

#include <sys/socket.h>

#include <algorithm>

#include "net-common/ip_address.hpp"

namespace gantry::net_bridge {

namespace {

constexpr std::string_view key = "io.gantry.egress";

[[noreturn]] void refuse(const std::string& text) { throw Error(Code::invalid, "invalid egress destination \"" + text + "\""); }

/// It becomes a part of a script: nothing but numbers.
std::string checked_ports(const std::string& text, const std::string& whole) {
  const bool digits = std::all_of(text.begin(), text.end(), [](unsigned char c) { return (c >= '0' && c <= '9') || c == '-'; });
  if (text.empty() || text.size() > 11 || !digits) refuse(whole);
  return text;
}

std::string transport(const std::string& protocol, const std::string& ports, const std::string& whole) {
  if (protocol.empty()) return ports.empty() ? "" : " meta l4proto { tcp, udp, sctp } th dport " + ports;
  if (protocol == "icmp" && ports.empty()) return " meta l4proto { icmp, ipv6-icmp }";
  if (protocol != "tcp" && protocol != "udp" && protocol != "sctp") refuse(whole);
  return ports.empty() ? " meta l4proto " + protocol : " " + protocol + " dport " + ports;
}

/// ADDRESS/LENGTH, with IPv6 in brackets; the slash of the protocol is the one behind that.
std::string rule_of(const std::string& text) {
  const bool ipv6 = !text.empty() && text.front() == '[';
  std::size_t end = ipv6 ? text.find(']') : text.find('/');
  if (end == std::string::npos) refuse(text);
  if (!ipv6) end = std::min(text.find_first_of(":/", end + 1), text.size());
  const net::IpAddress subnet = net::parse_ip(ipv6 ? text.substr(1, end - 1) : text.substr(0, end));
  if ((subnet.family == AF_INET6) != ipv6) refuse(text);
  std::string rest = text.substr(ipv6 ? end + 1 : end), protocol, ports;
  if (const std::size_t slash = rest.find('/'); slash != std::string::npos) {
    protocol = rest.substr(slash + 1);
    rest.resize(slash);
  }
  if (!rest.empty()) {
    if (rest.front() != ':') refuse(text);
    ports = checked_ports(rest.substr(1), text);
  }
  return std::string(ipv6 ? "ip6" : "ip") + " daddr " + net::network_of(subnet) + transport(protocol, ports, text);
}

} // namespace

EgressPolicy read_egress(const Options& options) {
  EgressPolicy policy;
  const auto found = std::find_if(options.begin(), options.end(), [](const auto& option) { return option.first == key; });
  if (found == options.end() || found->second.empty()) return policy;
  policy.restricted = true;
  if (found->second == "none") return policy;
  for (std::size_t at = 0; at <= found->second.size();) {
    const std::size_t comma = std::min(found->second.find(',', at), found->second.size());
    policy.allowed.push_back(rule_of(found->second.substr(at, comma - at)));
    at = comma + 1;
  }
  return policy;
}

} // namespace gantry::net_bridge
