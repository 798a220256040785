#include "macvlan_options.hpp"

#include <linux/if_link.h>

#include <charconv>
#include <optional>

namespace gantry::net_macvlan {

namespace {

constexpr std::size_t longest_name = 15;
constexpr unsigned last_vlan = 4094;

[[noreturn]] void refuse(const std::string& key, const std::string& value, const std::string& allowed) {
  throw Error(Code::invalid, "invalid value \"" + value + "\" of network option " + key + ": " + allowed);
}

std::optional<unsigned> number(const std::string& text) {
  unsigned value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  return text.empty() || error != std::errc() || rest != end ? std::nullopt : std::optional(value);
}

std::uint32_t parse_mode(const std::string& value) {
  if (value.empty() || value == "bridge") return MACVLAN_MODE_BRIDGE;
  if (value == "private") return MACVLAN_MODE_PRIVATE;
  if (value == "vepa") return MACVLAN_MODE_VEPA;
  if (value == "passthru") return MACVLAN_MODE_PASSTHRU;
  throw Error(Code::invalid, "requested macvlan mode '" + value + "' is not valid, 'bridge' mode is the macvlan driver default");
}

/// "eth0.10": VLAN 10 of eth0.
void parse_parent(const std::string& key, const std::string& value, MacvlanOptions& options) {
  if (value.empty()) return;
  if (value == "lo") throw Error(Code::invalid, "loopback interface is not a valid macvlan parent link");
  if (value.size() > longest_name || value.find_first_of("/ \t\n:") != std::string::npos)
    refuse(key, value, "the name of a network interface is expected");
  options.parent = value;
  const std::size_t dot = value.rfind('.');
  if (dot == std::string::npos) return;
  const std::string text = value.substr(dot + 1);
  const auto vlan = number(text);
  if (!vlan || dot == 0)
    throw Error(Code::invalid, "unable to parse a valid vlan id from: " + text + " (ex. eth0.10 for vlan 10)");
  if (*vlan == 0 || *vlan > last_vlan)
    throw Error(Code::invalid, "vlan id must be between 1-4094, received: " + std::to_string(*vlan));
  options.vlan_of = value.substr(0, dot);
  options.vlan = static_cast<std::uint16_t>(*vlan);
}

} // namespace

MacvlanOptions parse_options(const Options& options, bool internal) {
  MacvlanOptions result;
  result.mode = MACVLAN_MODE_BRIDGE;
  for (const auto& [key, value] : options) {
    if (key == "parent") {
      parse_parent(key, value, result);
    } else if (key == "macvlan_mode") {
      result.mode = parse_mode(value);
    } else if (key == "com.docker.network.driver.mtu") {
      const auto mtu = number(value);
      if (!mtu || *mtu < 68 || *mtu > 65535) refuse(key, value, "a number from 68 to 65535 is expected");
      result.mtu = *mtu;
    } else if (key.rfind("com.docker.network.", 0) != 0) {
      throw Error(Code::invalid, "unknown network option " + key +
                                     " of the macvlan driver: parent, macvlan_mode and "
                                     "com.docker.network.driver.mtu are allowed");
    }
  }
  if (internal && !result.parent.empty())
    throw Error(Code::invalid, "an internal macvlan network has no parent: it would not be internal");
  return result;
}

} // namespace gantry::net_macvlan
