#include "network_options.hpp"

#include <algorithm>
#include <charconv>

#include "net-common/ip_address.hpp"

namespace gantry::net_bridge {

namespace {

[[noreturn]] void refuse(const std::string& key, const std::string& value, const std::string& allowed) {
  throw Error(Code::invalid, "invalid value \"" + value + "\" of network option " + key + ": " + allowed);
}

bool parse_bool(const std::string& key, const std::string& value) {
  for (const char* yes : {"true", "1", "t", "T", "TRUE", "True"})
    if (value == yes) return true;
  for (const char* no : {"false", "0", "f", "F", "FALSE", "False"})
    if (value == no) return false;
  throw Error(Code::invalid,
              "failed to parse " + key + " value: " + value + " (strconv.ParseBool: parsing \"" + value + "\": invalid syntax)");
}

std::uint32_t parse_mtu(const std::string& key, const std::string& value) {
  int mtu = 0;
  const char* end = value.data() + value.size();
  const auto [rest, error] = std::from_chars(value.data(), end, mtu);
  if (error != std::errc() || rest != end)
    throw Error(Code::invalid, "failed to parse " + key + " value: " + value + " (strconv.Atoi: parsing \"" + value + "\": " +
                                   (error == std::errc::result_out_of_range ? "value out of range" : "invalid syntax") + ")");
  if (mtu < 0) throw Error(Code::invalid, "invalid MTU number: " + value);
  if (mtu != 0 && (mtu < 68 || mtu > 65535)) refuse(key, value, "a number from 68 to 65535 is expected");
  return static_cast<std::uint32_t>(mtu);
}

std::string parse_address(const std::string& key, const std::string& value) {
  try {
    return net::parse_ip(value).text();
  } catch (const Error&) {
    refuse(key, value, "an IP address is expected");
  }
}

std::string parse_binding(const std::string& key, const std::string& value) {
  try {
    return net::parse_ip(value).text();
  } catch (const Error&) {
    throw Error(Code::invalid, "failed to parse " + key + " value: " + value + " (nil ip)");
  }
}

std::string parse_interface(const std::string& key, const std::string& value, std::size_t longest) {
  const bool right = !value.empty() && value.size() <= longest && value != "." && value != ".." &&
                     std::none_of(value.begin(), value.end(), [](unsigned char c) {
                       return c <= 0x20 || c >= 0x7f || c == '/' || c == ':' || c == '"' || c == '\\' || c == '%';
                     });
  if (!right)
    refuse(key, value,
           "the name of a network interface has 1 to " + std::to_string(longest) + " characters without blanks, / and :");
  return value;
}

GatewayMode parse_mode(const std::string& key, const std::string& value, bool internal) {
  if (value == "nat" || value.empty()) return GatewayMode::nat;
  if (value == "nat-unprotected") return GatewayMode::nat_unprotected;
  if (value == "routed") return GatewayMode::routed;
  if (value != "isolated") refuse(key, value, "nat, nat-unprotected, routed or isolated is expected");
  if (!internal) refuse(key, value, "only an internal network can be isolated");
  return GatewayMode::isolated;
}

} // namespace

NetworkOptions parse_options(const Options& options, bool internal) {
  NetworkOptions result;
  result.egress = read_egress(options);
  for (const auto& [key, value] : options) {
    const std::string_view name = key;
    constexpr std::string_view bridge = "com.docker.network.bridge.", common = "com.docker.network.";
    if (name == "com.docker.network.bridge.name") {
      result.bridge = value.empty() ? "" : parse_interface(key, value, 15);
    } else if (name == "com.docker.network.bridge.enable_ip_masquerade") {
      result.masquerade = parse_bool(key, value);
    } else if (name == "com.docker.network.bridge.enable_icc") {
      result.icc = parse_bool(key, value);
    } else if (name == "com.docker.network.bridge.host_binding_ipv4") {
      result.host_binding = parse_binding(key, value);
    } else if (name == "com.docker.network.bridge.inhibit_ipv4") {
      result.inhibit_ipv4 = parse_bool(key, value);
    } else if (name == "com.docker.network.bridge.gateway_mode_ipv4") {
      result.mode4 = parse_mode(key, value, internal);
    } else if (name == "com.docker.network.bridge.gateway_mode_ipv6") {
      result.mode6 = parse_mode(key, value, internal);
    } else if (name == "com.docker.network.bridge.trusted_host_interfaces") {
      continue;
    } else if (name == "com.docker.network.bridge.default_bridge" || name == "com.docker.network.enable_ipv4" ||
               name == "com.docker.network.enable_ipv6") {
      (void)parse_bool(key, value); // for the engine
    } else if (name == "com.docker.network.driver.mtu") {
      result.mtu = parse_mtu(key, value);
    } else if (name == "com.docker.network.container_iface_prefix") {
      result.container_prefix = parse_interface(key, value, 12);
    } else if (name == "com.docker.network.host_ipv4") {
      result.host_ipv4 = parse_address(key, value);
    } else if (name == "com.docker.network.host_ipv6") {
      result.host_ipv6 = parse_address(key, value);
    } else if (name.substr(0, bridge.size()) == bridge) {
      throw Error(Code::invalid, "unknown network option " + key + " of the bridge driver");
    } else if (name.substr(0, common.size()) == common) {
      continue; // for the engine
    }
  }
  return result;
}

} // namespace gantry::net_bridge
