#include "containers/links.hpp"

#include "base/error.hpp"
#include "base/id.hpp"
#include "containers/attachments.hpp"
#include "networks/network_service.hpp"

namespace gantry::containers {
namespace {

struct Link {
  std::string container, alias;
};

Link parse_link(const std::string& text) {
  const std::size_t colon = text.find(':');
  Link link{text.substr(0, colon), colon == std::string::npos ? "" : text.substr(colon + 1)};
  // "/db:/web/db" is how inspect shows them.
  if (const std::size_t slash = link.alias.rfind('/'); slash != std::string::npos) link.alias = link.alias.substr(slash + 1);
  if (link.alias.empty()) link.alias = link.container.substr(link.container.find_first_not_of('/') == 1 ? 1 : 0);
  if (link.container.empty() || link.alias.find_first_of(" \t\n:") != std::string::npos)
    throw invalid("bad format for links: " + text);
  return link;
}

ContainerPtr linked(const Parts& parts, const Link& link) {
  try {
    return parts.index.find(link.container)->snapshot();
  } catch (const Error& e) {
    throw invalid("could not get container for " + link.container + ": " + e.what());
  }
}

/// "172.17.0.2\tdb 3f2a90c1 some_name"
std::string line_of(const Container& self, const Container& other, const Link& link) {
  const auto* attachment = find_attachment(other, "bridge");
  if (attachment == nullptr || attachment->endpoint.ipv4.empty())
    throw Error(Code::forbidden_state,
                "Cannot link to a non running container: /" + other.name + " AS /" + self.name + "/" + link.alias);
  std::string line = attachment->endpoint.ipv4 + "\t" + link.alias;
  for (const std::string& name : {short_id(other.id), other.name})
    if (name != link.alias) line += " " + name;
  return line;
}

} // namespace

void check_links(const Parts& parts, const HostConfig& config) {
  for (const auto& text : config.links) (void)linked(parts, parse_link(text));
}

std::vector<std::string> shown_links(const Container& container) {
  std::vector<std::string> shown;
  if (!find_attachment(container, "bridge")) return shown;
  for (const auto& text : container.host_config.links) {
    const Link link = parse_link(text);
    const std::string other = link.container.substr(link.container.starts_with('/') ? 1 : 0);
    shown.push_back("/" + other + ":/" + container.name + "/" + link.alias);
  }
  return shown;
}

HostNames host_names(const Parts& parts, const Container& container) {
  HostNames names;
  if (const auto* service = parts.drivers.networks; service != nullptr && service->settings().default_bridge) {
    const auto bridge = service->find("bridge");
    if (!bridge->pools.empty()) names.host_gateway = bridge->pools.front().gateway;
  }
  for (const auto& extra : container.host_config.extra_hosts) {
    if (extra.ends_with(":host-gateway") && names.host_gateway.empty())
      throw invalid("unable to derive the IP value for host-gateway: there is no default network");
  }
  if (!find_attachment(container, "bridge")) return names;
  for (const auto& text : container.host_config.links) {
    const Link link = parse_link(text);
    names.links.push_back(line_of(container, *linked(parts, link), link));
  }
  return names;
}

} // namespace gantry::containers
