#include "networks/names.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/id.hpp"
#include "base/log.hpp"

namespace gantry::networks {
namespace {

bool has_names(const Network& network) { return !network.is_builtin() && !network.config_only; }

/// The container's name comes first: it is what PTR tells.
std::vector<std::string> names_of(const Owner& owner, const Attachment& attachment) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  add(owner.name);
  for (const auto& alias : attachment.settings.aliases) add(alias);
  add(short_id(owner.id));
  add(owner.hostname);
  return names;
}

/// "name:alias" and "name".
Json links_of(const Attachment& attachment) {
  Json links = Json::object();
  for (const auto& link : attachment.settings.links) {
    const std::size_t colon = link.find(':');
    const std::string name = link.substr(0, colon);
    links[colon == std::string::npos ? name : link.substr(colon + 1)] = name;
  }
  return links;
}

Json endpoint_json(const Network& network, const Owner& owner, const Attachment& attachment) {
  const Endpoint& endpoint = attachment.endpoint;
  return {{"id", endpoint.id},
          {"container", owner.id},
          {"network", network.id},
          {"network_name", network.name},
          {"ipv4", endpoint.ipv4},
          {"ipv6", endpoint.ipv6},
          {"names", names_of(owner, attachment)},
          {"links", links_of(attachment)},
          {"internal", network.internal}};
}

} // namespace

void announce_names(DnsClient& dns, const Network& network, const Owner& owner, const Attachment& attachment,
                    const Sandbox& sandbox) {
  if (!has_names(network)) return;
  dns.add(endpoint_json(network, owner, attachment));
  Json servers = Json::array();
  for (const auto& server : sandbox.servers) servers.push_back({{"address", server.address}, {"host", server.host}});
  dns.attach(owner.id, sandbox.pid, {{"op", "attach"}, {"container", owner.id}, {"servers", servers}, {"ndots", sandbox.ndots}});
}

void rename_in_dns(DnsClient& dns, const Network& network, const Owner& owner, const Attachment& attachment) {
  if (!has_names(network) || attachment.endpoint.id.empty()) return;
  try {
    dns.add(endpoint_json(network, owner, attachment));
  } catch (const Error& e) {
    log::error("container " + owner.id + ": its new name in network " + network.name + ": " + e.what());
  }
}

void forget_names(DnsClient& dns, const Attachment& attachment) {
  try {
    dns.remove(attachment.endpoint.id);
  } catch (const Error& e) {
    log::error("endpoint " + attachment.endpoint.id + ": forget its names: " + e.what());
  }
}

} // namespace gantry::networks
