#include "containers/port_requests.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <tuple>

#include "base/error.hpp"
#include "base/text.hpp"
#include "networks/address.hpp"

namespace gantry::containers {
namespace {

std::optional<std::uint16_t> number(std::string_view text) {
  std::uint16_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

struct Range {
  std::uint16_t first = 0, last = 0;
};

Range parse_range(const std::string& text, const std::string& whole) {
  const std::size_t dash = text.find('-');
  const auto first = number(std::string_view(text).substr(0, dash));
  const auto last = dash == std::string::npos ? first : number(std::string_view(text).substr(dash + 1));
  if (!first || !last || *last < *first) throw invalid("invalid port specification: \"" + whole + "\"");
  return {*first, *last};
}

/// The host addresses of a binding: none given means all. An IPv6 address of the host may lead to IPv4, if the driver can.
std::vector<std::string> host_ips(const std::string& given, const std::string& default_binding, bool ipv4, bool ipv6) {
  const std::string wanted = given.empty() ? default_binding : given;
  const auto address = networks::Address::parse(wanted);
  if (!address) throw invalid("invalid IP address: " + wanted);
  const bool everywhere = given.empty() && wanted == "0.0.0.0";
  std::vector<std::string> ips;
  if (everywhere ? ipv4 : true) ips.push_back(address->text());
  if (everywhere && (ipv4 || ipv6)) ips.emplace_back("::");
  if (!everywhere && !address->is_ipv6() && !ipv4)
    throw invalid("cannot publish on " + address->text() + ": the container has no IPv4 address");
  return ips;
}

void add(std::vector<Port>& ports, const PortSpec& inside, const PortBinding& binding, const std::string& default_binding,
         bool ipv4, bool ipv6) {
  const Range outside = binding.host_port.empty() ? Range{} : parse_range(binding.host_port, binding.host_port);
  const unsigned inner = inside.last - inside.first, outer = outside.last - outside.first;
  if (inner != 0 && outer != 0 && inner != outer)
    throw invalid("invalid ranges specified for container and host Ports: " + std::to_string(inside.first) + "-" +
                  std::to_string(inside.last) + " and " + binding.host_port);
  const std::vector<std::string> ips = host_ips(binding.host_ip, default_binding, ipv4, ipv6);
  for (unsigned i = 0; i <= inner; ++i) {
    for (const auto& ip : ips) {
      Port port;
      port.protocol = inside.protocol;
      port.host_ip = ip;
      port.container_port = static_cast<std::uint16_t>(inside.first + i);
      port.host_port = inner != 0 && outer != 0 ? static_cast<std::uint16_t>(outside.first + i) : outside.first;
      if (inner == 0 && outer != 0) port.host_port_end = outside.last;
      ports.push_back(std::move(port));
    }
  }
}

} // namespace

PortSpec parse_port_spec(const std::string& text) {
  PortSpec spec;
  const std::size_t slash = text.find('/');
  const Range range = parse_range(text.substr(0, slash), text.substr(0, slash));
  spec.first = range.first;
  spec.last = range.last;
  // docker-py sends "80/tcp/tcp" for a port that its caller wrote as "80/tcp"; Docker reads no further than the second word.
  if (slash != std::string::npos) spec.protocol = lower(text.substr(slash + 1, text.find('/', slash + 1) - slash - 1));
  if (spec.protocol.empty()) spec.protocol = "tcp";
  if (spec.protocol != "tcp" && spec.protocol != "udp" && spec.protocol != "sctp")
    throw invalid("invalid proto: " + spec.protocol);
  if (spec.first == 0) throw invalid("invalid port specification: \"" + text + "\"");
  return spec;
}

std::vector<Port> port_requests(const Container& container, const std::string& default_binding, bool ipv4, bool ipv6) {
  std::vector<Port> ports;
  std::set<std::tuple<std::string, std::uint16_t>> bound;
  const HostConfig& config = container.host_config;
  for (const auto& [key, bindings] : config.port_bindings) {
    const PortSpec inside = parse_port_spec(key);
    for (unsigned port = inside.first; port <= inside.last; ++port) bound.emplace(inside.protocol, port);
    if (bindings.empty()) add(ports, inside, {}, default_binding, ipv4, ipv6);
    for (const auto& binding : bindings) add(ports, inside, binding, default_binding, ipv4, ipv6);
  }
  if (config.publish_all_ports) {
    for (const auto& key : container.config.exposed_ports) {
      const PortSpec inside = parse_port_spec(key);
      if (!bound.contains({inside.protocol, inside.first})) add(ports, inside, {}, default_binding, ipv4, ipv6);
    }
  }
  return ports;
}

} // namespace gantry::containers
