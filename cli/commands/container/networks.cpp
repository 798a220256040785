#include "cli/commands/container/networks.hpp"

#include <filesystem>

#include "cli/args/numbers.hpp"
#include "cli/commands/container/flag_values.hpp"
#include "cli/failure.hpp"

namespace gantry::cli {
namespace {

struct Network {
  std::string name;
  Json endpoint = Json::object();
};

/// "bridge", or "name=foo,alias=x,ip=…".
Network parse_network(const std::string& text) {
  if (text.find('=') == std::string::npos) return {text};
  Network network{"default"};
  for (const std::string& field : split_csv(text)) {
    const auto [key, value] = cut(field, '=');
    if (!value) throw Failure("invalid field " + field, 125);
    if (key == "name") {
      network.name = *value;
    } else if (key == "alias") {
      network.endpoint["Aliases"].push_back(*value);
    } else if (key == "driver-opt") {
      network.endpoint["DriverOpts"][cut(*value, '=').first] = cut(*value, '=').second.value_or("");
    } else if (key == "ip") {
      network.endpoint["IPAMConfig"]["IPv4Address"] = *value;
    } else if (key == "ip6") {
      network.endpoint["IPAMConfig"]["IPv6Address"] = *value;
    } else if (key == "mac-address") {
      network.endpoint["MacAddress"] = *value;
    } else if (key == "link-local-ip") {
      network.endpoint["IPAMConfig"]["LinkLocalIPs"].push_back(*value);
    } else if (key == "gw-priority") {
      network.endpoint["GwPriority"] = parse_int(*value);
    } else {
      throw Failure("invalid field key " + key, 125);
    }
  }
  return network;
}

void apply_flags(const CreateOptions& o, Network& first) {
  if (!o.ip.empty()) first.endpoint["IPAMConfig"]["IPv4Address"] = o.ip;
  if (!o.ip6.empty()) first.endpoint["IPAMConfig"]["IPv6Address"] = o.ip6;
  if (!o.link_local_ip.empty()) first.endpoint["IPAMConfig"]["LinkLocalIPs"] = o.link_local_ip;
  if (!o.network_alias.empty()) first.endpoint["Aliases"] = o.network_alias;
  if (!o.link.empty()) first.endpoint["Links"] = o.link;
  if (!o.mac_address.empty()) first.endpoint["MacAddress"] = o.mac_address;
}

} // namespace

std::string network_mode(const Strings& networks) { return networks.empty() ? "default" : parse_network(networks[0]).name; }

Json endpoints(const CreateOptions& o) {
  Json out = Json::object();
  const Strings networks = o.network.empty() ? Strings{"default"} : o.network;
  for (std::size_t i = 0; i < networks.size(); ++i) {
    Network network = parse_network(networks[i]);
    const bool shared = network.name == "host" || network.name == "none" || network.name.starts_with("container:");
    if (shared && networks.size() > 1)
      throw Failure("conflicting options: cannot attach both user-defined and non-user-defined network-modes", 125);
    if (out.contains(network.name)) throw Failure("network \"" + network.name + "\" is specified multiple times", 125);
    if (i == 0) apply_flags(o, network);
    out[network.name] = network.endpoint;
  }
  return out;
}

Strings with_colon(const Strings& hosts) {
  Strings out = hosts;
  for (std::string& host : out) host[host.find_first_of(":=")] = ':';
  return out;
}

std::string absolute_path(const std::string& path) { return std::filesystem::absolute(path).lexically_normal().string(); }

} // namespace gantry::cli
