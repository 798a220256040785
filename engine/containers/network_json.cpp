#include "containers/network_json.hpp"

#include "containers/json_writer.hpp"

namespace gantry::containers {
namespace {

using networks::Attachment;
using networks::Endpoint;
using networks::EndpointSettings;
using networks::PublishedPort;

Json settings_json(const EndpointSettings& settings) {
  Json json = Json::object();
  Json ipam = Json::object();
  if (!settings.ipv4_address.empty()) ipam["IPv4Address"] = settings.ipv4_address;
  if (!settings.ipv6_address.empty()) ipam["IPv6Address"] = settings.ipv6_address;
  write_if_set(ipam, "LinkLocalIPs", settings.link_local_ips);
  if (settings.ipam_config || !ipam.empty()) json["IPAMConfig"] = std::move(ipam);
  write_if_set(json, "Links", settings.links);
  write_if_set(json, "Aliases", settings.aliases);
  if (!settings.mac_address.empty()) json["MacAddress"] = settings.mac_address;
  if (!settings.driver_opts.empty()) json["DriverOpts"] = object_of(settings.driver_opts);
  if (settings.gw_priority != 0) json["GwPriority"] = settings.gw_priority;
  return json;
}

Json endpoint_json(const Endpoint& endpoint) {
  return {{"id", endpoint.id},           {"interface", endpoint.interface}, {"ipv4", endpoint.ipv4},
          {"prefix4", endpoint.prefix4}, {"gateway4", endpoint.gateway4},   {"ipv6", endpoint.ipv6},
          {"prefix6", endpoint.prefix6}, {"gateway6", endpoint.gateway6},   {"mac", endpoint.mac}};
}

Endpoint endpoint_from(const JsonReader& reader) {
  Endpoint endpoint;
  reader.read("id", endpoint.id);
  reader.read("interface", endpoint.interface);
  reader.read("ipv4", endpoint.ipv4);
  reader.read("prefix4", endpoint.prefix4);
  reader.read("gateway4", endpoint.gateway4);
  reader.read("ipv6", endpoint.ipv6);
  reader.read("prefix6", endpoint.prefix6);
  reader.read("gateway6", endpoint.gateway6);
  reader.read("mac", endpoint.mac);
  return endpoint;
}

Attachment attachment_from(const JsonReader& reader) {
  Attachment attachment;
  reader.read("network", attachment.network);
  reader.read("network_id", attachment.network_id);
  if (const Json* settings = reader.find("settings"))
    attachment.settings = endpoint_settings_from(JsonReader(*settings, reader.name("settings")));
  if (const Json* endpoint = reader.find("endpoint"))
    attachment.endpoint = endpoint_from(JsonReader(*endpoint, reader.name("endpoint")));
  return attachment;
}

/// Neighbouring ports of the same addresses, as they are stored: a range of ten thousand is one of them.
struct PortBlock {
  PublishedPort first;
  std::vector<std::string> host_ips;
  unsigned count = 1;

  bool goes_on_with(const PortBlock& next) const {
    return next.first.protocol == first.protocol && next.host_ips == host_ips &&
           next.first.container_port == first.container_port + count && next.first.host_port == first.host_port + count;
  }
};

std::vector<PortBlock> blocks_of(const std::vector<PublishedPort>& ports) {
  std::vector<PortBlock> blocks;
  for (std::size_t i = 0; i < ports.size();) {
    PortBlock next{ports[i], {}, 1};
    const auto same_port = [&](const PublishedPort& port) {
      return port.protocol == next.first.protocol && port.container_port == next.first.container_port &&
             port.host_port == next.first.host_port;
    };
    for (; i < ports.size() && same_port(ports[i]); ++i) next.host_ips.push_back(ports[i].host_ip);
    if (!blocks.empty() && blocks.back().goes_on_with(next)) {
      ++blocks.back().count;
    } else {
      blocks.push_back(std::move(next));
    }
  }
  return blocks;
}

PortBlock block_from(const JsonReader& reader) {
  PortBlock block;
  reader.read("protocol", block.first.protocol);
  reader.read("container_port", block.first.container_port);
  reader.read("host_port", block.first.host_port);
  reader.read("host_ip", block.first.host_ip); // of earlier engines
  reader.read("host_ips", block.host_ips);
  reader.read("count", block.count);
  if (block.host_ips.empty()) block.host_ips.push_back(block.first.host_ip);
  return block;
}

} // namespace

EndpointSettings endpoint_settings_from(const JsonReader& reader) {
  EndpointSettings settings;
  if (const Json* ipam = reader.find("IPAMConfig")) {
    const JsonReader inner(*ipam, reader.name("IPAMConfig"));
    settings.ipam_config = true;
    inner.read("IPv4Address", settings.ipv4_address);
    inner.read("IPv6Address", settings.ipv6_address);
    inner.read("LinkLocalIPs", settings.link_local_ips);
  }
  reader.read("Links", settings.links);
  reader.read("Aliases", settings.aliases);
  reader.read("MacAddress", settings.mac_address);
  reader.read("DriverOpts", settings.driver_opts);
  reader.read("GwPriority", settings.gw_priority);
  return settings;
}

Json to_json(const std::vector<Attachment>& attachments) {
  Json list = Json::array();
  for (const auto& attachment : attachments) {
    Json json{{"network", attachment.network}, {"network_id", attachment.network_id}};
    if (Json settings = settings_json(attachment.settings); !settings.empty()) json["settings"] = std::move(settings);
    if (!attachment.endpoint.id.empty()) json["endpoint"] = endpoint_json(attachment.endpoint);
    list.push_back(std::move(json));
  }
  return list;
}

Json to_json(const std::vector<PublishedPort>& ports) {
  Json list = Json::array();
  for (const PortBlock& block : blocks_of(ports))
    list.push_back({{"protocol", block.first.protocol},
                    {"container_port", block.first.container_port},
                    {"host_port", block.first.host_port},
                    {"host_ips", block.host_ips},
                    {"count", block.count}});
  return list;
}

std::vector<Attachment> attachments_from(const JsonReader& reader, const char* key) {
  std::vector<Attachment> attachments;
  reader.read_objects(key, attachments, attachment_from);
  return attachments;
}

std::vector<PublishedPort> published_ports_from(const JsonReader& reader, const char* key) {
  std::vector<PortBlock> blocks;
  reader.read_objects(key, blocks, block_from);
  std::vector<PublishedPort> ports;
  for (const PortBlock& block : blocks) {
    for (unsigned i = 0; i < block.count; ++i) {
      PublishedPort port = block.first;
      port.container_port = static_cast<std::uint16_t>(port.container_port + i);
      port.host_port = static_cast<std::uint16_t>(port.host_port + i);
      for (const auto& ip : block.host_ips) {
        port.host_ip = ip;
        ports.push_back(port);
      }
    }
  }
  return ports;
}

} // namespace gantry::containers
