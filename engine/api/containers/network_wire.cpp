#include "api/containers/network_wire.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "containers/attachments.hpp"
#include "containers/json_writer.hpp"
#include "containers/networking.hpp"
#include "containers/port_requests.hpp"

namespace gantry::api {

namespace {

using gantry::containers::Container;
using gantry::containers::null_if_empty;
using gantry::containers::Phase;
using gantry::networks::Attachment;
using gantry::networks::EndpointSettings;

bool is_user_defined(const Attachment& attachment) {
  return attachment.network != "bridge" && attachment.network != "host" && attachment.network != "none";
}

bool runs(const Container& container) { return container.phase == Phase::running || container.phase == Phase::paused; }

Json ipam_json(const EndpointSettings& settings) {
  if (!settings.ipam_config) return nullptr;
  Json json = Json::object();
  if (!settings.ipv4_address.empty()) json["IPv4Address"] = settings.ipv4_address;
  if (!settings.ipv6_address.empty()) json["IPv6Address"] = settings.ipv6_address;
  gantry::containers::write_if_set(json, "LinkLocalIPs", settings.link_local_ips);
  return json;
}

/// The names that other containers of a user-defined network find it by.
std::vector<std::string> dns_names(const Container& container, const Attachment& attachment) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  if (!is_user_defined(attachment)) return names;
  add(container.name);
  for (const auto& alias : attachment.settings.aliases) add(alias);
  add(container.id.substr(0, 12));
  add(container.config.hostname);
  return names;
}

/// Older clients find the short id among the aliases.
std::vector<std::string> aliases(const Container& container, const Attachment& attachment, ApiVersion version) {
  auto names = attachment.settings.aliases;
  const std::string id = container.id.substr(0, 12);
  if (version < ApiVersion{1, 45} && is_user_defined(attachment) && std::find(names.begin(), names.end(), id) == names.end())
    names.push_back(id);
  return names;
}

Json endpoint_json(const Container& container, const Attachment& attachment, ApiVersion version) {
  const auto& endpoint = attachment.endpoint;
  Json json;
  json["IPAMConfig"] = ipam_json(attachment.settings);
  json["Links"] = null_if_empty(attachment.settings.links);
  json["Aliases"] = null_if_empty(aliases(container, attachment, version));
  const bool before_44 = version < ApiVersion{1, 44};
  const Json options =
      attachment.settings.driver_opts.empty() ? Json(nullptr) : gantry::containers::object_of(attachment.settings.driver_opts);
  if (!before_44) json["MacAddress"] = endpoint.mac.empty() ? attachment.settings.mac_address : endpoint.mac;
  if (!before_44) json["DriverOpts"] = options;
  json["GwPriority"] = attachment.settings.gw_priority;
  json["NetworkID"] = attachment.network_id;
  json["EndpointID"] = endpoint.id;
  json["Gateway"] = endpoint.gateway4;
  json["IPAddress"] = endpoint.ipv4;
  json["IPPrefixLen"] = endpoint.prefix4;
  json["IPv6Gateway"] = endpoint.gateway6;
  json["GlobalIPv6Address"] = endpoint.ipv6;
  json["GlobalIPv6PrefixLen"] = endpoint.prefix6;
  if (before_44) json["MacAddress"] = endpoint.mac;
  if (before_44) json["DriverOpts"] = options;
  json["DNSNames"] = null_if_empty(dns_names(container, attachment));
  return json;
}

/// Ports of the image and of the user that nothing on the host leads to: {port, protocol}.
std::set<std::pair<unsigned, std::string>> exposed_ports(const Container& container) {
  std::set<std::pair<unsigned, std::string>> ports;
  for (const auto& text : container.config.exposed_ports) {
    try {
      const auto spec = gantry::containers::parse_port_spec(text);
      for (unsigned port = spec.first; port <= spec.last; ++port) ports.emplace(port, spec.protocol);
    } catch (const Error&) {
      continue; // an image's nonsense
    }
  }
  return ports;
}

/// Only a network that gives addresses has ports: "none" shows none of the image's.
bool shows_ports(const Container& container) {
  const auto has_address = [](const Attachment& a) { return !a.endpoint.ipv4.empty() || !a.endpoint.ipv6.empty(); };
  return runs(container) && std::any_of(container.networks.begin(), container.networks.end(), has_address);
}

Json ports_json(const Container& container) {
  Json json = Json::object();
  if (!shows_ports(container)) return json;
  std::map<std::string, Json> places; // ordered as text, as in Docker
  for (const auto& [port, protocol] : exposed_ports(container)) places[std::to_string(port) + "/" + protocol] = nullptr;
  for (const auto& port : container.ports)
    places[std::to_string(port.container_port) + "/" + port.protocol].push_back(
        {{"HostIp", port.host_ip}, {"HostPort", std::to_string(port.host_port)}});
  for (auto& [port, list] : places) gantry::containers::append(json, port, std::move(list));
  return json;
}

/// Docker shows the default network's endpoint a second time, outside of Networks.
const Attachment* legacy_endpoint(const Container& container) { return gantry::containers::find_attachment(container, "bridge"); }

} // namespace

Json container_networks(const Container& container, ApiVersion version, Endpoints endpoints) {
  Json networks = Json::object();
  std::map<std::string, Json> by_name; // ordered as text, as in Docker
  for (const auto& attachment : container.networks) {
    Json& json = by_name[attachment.network] = endpoint_json(container, attachment, version);
    if (endpoints == Endpoints::listed) json["Links"] = json["Aliases"] = json["DriverOpts"] = json["DNSNames"] = nullptr;
  }
  for (auto& [name, endpoint] : by_name) networks[name] = std::move(endpoint);
  return networks;
}

Json container_ports(const Container& container) {
  Json list = Json::array();
  if (!shows_ports(container)) return list;
  auto unpublished = exposed_ports(container);
  for (const auto& port : container.ports) {
    unpublished.erase({port.container_port, port.protocol});
    list.push_back(
        {{"IP", port.host_ip}, {"PrivatePort", port.container_port}, {"PublicPort", port.host_port}, {"Type", port.protocol}});
  }
  for (const auto& [port, protocol] : unpublished) list.push_back({{"PrivatePort", port}, {"Type", protocol}});
  return list;
}

Json network_settings(const Container& container, ApiVersion version) {
  static const gantry::networks::Endpoint none;
  const Attachment* legacy = legacy_endpoint(container);
  const auto& endpoint = legacy ? legacy->endpoint : none;
  const bool sandboxed =
      runs(container) && container.pid != 0 && gantry::containers::has_own_network(container.host_config.network_mode);
  Json settings;
  settings["Bridge"] = "";
  // The namespace has no name of its own on the host: it is that of the container's process.
  settings["SandboxID"] = sandboxed ? container.id : "";
  settings["SandboxKey"] = sandboxed ? "/proc/" + std::to_string(container.pid) + "/ns/net" : "";
  settings["Ports"] = ports_json(container);
  settings["HairpinMode"] = false;
  settings["LinkLocalIPv6Address"] = "";
  settings["LinkLocalIPv6PrefixLen"] = 0;
  settings["SecondaryIPAddresses"] = nullptr;
  settings["SecondaryIPv6Addresses"] = nullptr;
  settings["EndpointID"] = endpoint.id;
  settings["Gateway"] = endpoint.gateway4;
  settings["GlobalIPv6Address"] = endpoint.ipv6;
  settings["GlobalIPv6PrefixLen"] = endpoint.prefix6;
  settings["IPAddress"] = endpoint.ipv4;
  settings["IPPrefixLen"] = endpoint.prefix4;
  settings["IPv6Gateway"] = endpoint.gateway6;
  settings["MacAddress"] = endpoint.mac;
  settings["Networks"] = container_networks(container, version);
  return settings;
}

} // namespace gantry::api
