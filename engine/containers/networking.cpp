#include "containers/networking.hpp"

#include <fcntl.h>
#include <net/if.h>

#include <algorithm>

#include "base/error.hpp"
#include "base/log.hpp"
#include "containers/namespace_join.hpp"
#include "containers/port_requests.hpp"
#include "containers/resolver.hpp"
#include "networks/egress.hpp"

namespace gantry::containers {
namespace {

using networks::Attachment;
using networks::NetworkService;
using networks::Owner;

bool better(const Attachment& a, const Attachment& b) {
  if (a.settings.gw_priority != b.settings.gw_priority) return a.settings.gw_priority > b.settings.gw_priority;
  return a.network < b.network;
}

std::string wanted_interface(const Attachment& attachment) {
  const auto wanted = attachment.settings.driver_opts.find("com.docker.network.endpoint.ifname");
  return wanted == attachment.settings.driver_opts.end() ? "" : wanted->second;
}

/// Of an interface of somebody else.
bool is_taken(const std::string& name, const std::vector<Attachment>& all, const Attachment& self, bool also_wanted) {
  return std::any_of(all.begin(), all.end(), [&](const Attachment& other) {
    return &other != &self && (other.endpoint.interface == name || (also_wanted && wanted_interface(other) == name));
  });
}

bool is_interface_name(const std::string& name) {
  return name.size() < IFNAMSIZ && name != "." && name != ".." && name != "lo" &&
         name.find_first_of("/: \t\n%") == std::string::npos;
}

void leave_all(NetworkService& service, const Owner& owner, const std::vector<Attachment>& attachments) {
  for (const auto& attachment : attachments) service.leave(owner, attachment);
}

void publish_ports(NetworkService& service, const Owner& owner, const Container& container, Networking& result) {
  if (container.host_config.port_bindings.empty() && !container.host_config.publish_all_ports) return;
  const Attachment* gateway = publishing_network(result.networks);
  if (gateway == nullptr) return; // as Docker: nothing to publish on (none, host, internal)
  const auto requests = port_requests(container, default_binding(service, *gateway), !gateway->endpoint.ipv4.empty(),
                                      !gateway->endpoint.ipv6.empty());
  if (!requests.empty()) result.ports = service.publish(owner, *gateway, requests);
}

} // namespace

NetworkService& network_service_of(Parts& parts) {
  if (!parts.drivers.networks) throw unavailable("this daemon has no networks");
  return *parts.drivers.networks;
}

Owner owner_of(const Container& container) {
  const auto& annotations = container.host_config.annotations;
  const auto egress = annotations.find(networks::egress_key);
  return {container.id, container.name, container.config.hostname, egress == annotations.end() ? "" : egress->second};
}

networks::Sandbox sandbox_of(const Parts& parts, const Container& container, std::int32_t pid, int netns) {
  networks::Sandbox sandbox;
  sandbox.netns = netns;
  sandbox.pid = pid;
  const Resolver resolver = resolver_of(container.host_config, parts.defaults);
  sandbox.ndots = resolver.ndots;
  for (const auto& server : resolver.servers) sandbox.servers.push_back({server, resolver.host_servers && is_loopback(server)});
  return sandbox;
}

const Attachment* gateway_of(const std::vector<Attachment>& attachments, bool ipv6) {
  const Attachment* best = nullptr;
  for (const auto& attachment : attachments) {
    if ((ipv6 ? attachment.endpoint.gateway6 : attachment.endpoint.gateway4).empty()) continue;
    if (best == nullptr || better(attachment, *best)) best = &attachment;
  }
  return best;
}

std::string default_binding(const NetworkService& service, const Attachment& attachment) {
  const auto network = service.find(attachment.network_id);
  const auto chosen = network->options.find("com.docker.network.bridge.host_binding_ipv4");
  return chosen == network->options.end() ? service.settings().default_binding : chosen->second;
}

const Attachment* publishing_network(const std::vector<Attachment>& attachments) {
  const Attachment* gateway = gateway_of(attachments, false);
  return gateway != nullptr ? gateway : gateway_of(attachments, true);
}

networks::DefaultRoutes default_routes_of(const std::vector<Attachment>& all, const Attachment& one) {
  return {gateway_of(all, false) == &one, gateway_of(all, true) == &one};
}

void name_interface(const std::vector<Attachment>& all, Attachment& one) {
  std::string& name = one.endpoint.interface;
  name = wanted_interface(one);
  if (name.empty()) {
    unsigned number = 0;
    do name = "eth" + std::to_string(number++);
    while (is_taken(name, all, one, true));
    return;
  }
  if (!is_interface_name(name)) throw invalid("invalid name of the interface in network " + one.network + ": " + name);
  if (is_taken(name, all, one, false))
    throw invalid("the interface in network " + one.network + " cannot be called " + name + ": another one of the container is");
}

UniqueFd open_netns(std::int32_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/ns/net";
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) throw os_error("open " + path, errno);
  return fd;
}

namespace {

/// That of the process, unless something else has its pid by now.
UniqueFd living_netns(Parts& parts, const Container& container) {
  if (container.pid == 0 || container.networks.empty()) return UniqueFd();
  try {
    const JoinedNamespace joined = open_namespace(parts, container, "net");
    return UniqueFd(::fcntl(joined.fd->get(), F_DUPFD_CLOEXEC, 0));
  } catch (const Error&) {
    return UniqueFd();
  }
}

} // namespace

Networking reserve_networks(Parts& parts, const Container& container) {
  Networking result{container.networks, {}};
  NetworkService* service = parts.drivers.networks;
  if (service == nullptr) return result;
  const Owner owner = owner_of(container);
  for (auto& attachment : result.networks) attachment.endpoint = {};
  try {
    for (auto& attachment : result.networks) {
      service->reserve(owner, attachment);
      if (!attachment.endpoint.mac.empty()) name_interface(result.networks, attachment);
    }
    publish_ports(*service, owner, container, result);
  } catch (const Error& e) {
    leave_all(*service, owner, result.networks);
    throw e.context("failed to set up container networking");
  } catch (...) {
    leave_all(*service, owner, result.networks);
    throw;
  }
  return result;
}

void join_networks(Parts& parts, const Container& container, std::int32_t pid) {
  NetworkService* service = parts.drivers.networks;
  if (service == nullptr || container.networks.empty()) return;
  const bool places = std::any_of(container.networks.begin(), container.networks.end(),
                                  [](const Attachment& a) { return !a.endpoint.interface.empty(); });
  const UniqueFd netns = places ? open_netns(pid) : UniqueFd();
  const networks::Sandbox sandbox = sandbox_of(parts, container, pid, netns.get());
  for (const auto& attachment : container.networks) {
    service->join(owner_of(container), attachment, sandbox, default_routes_of(container.networks, attachment));
  }
}

void leave_networks(Parts& parts, const Container& container) {
  if (parts.drivers.networks) leave_all(*parts.drivers.networks, owner_of(container), container.networks);
}

void forget_networks(Container& container) {
  for (auto& attachment : container.networks) attachment.endpoint = {};
  container.ports.clear();
}

std::vector<networks::PublishedPort> adopt_networks(Parts& parts, const Container& container) {
  std::vector<networks::PublishedPort> ports = container.ports;
  NetworkService* service = parts.drivers.networks;
  if (service == nullptr) return ports;
  const UniqueFd netns = living_netns(parts, container);
  const networks::Sandbox sandbox = sandbox_of(parts, container, netns ? container.pid : 0, netns.get());
  const Attachment* gateway = publishing_network(container.networks);
  for (const auto& attachment : container.networks) {
    try {
      auto published = service->adopt(owner_of(container), attachment, sandbox,
                                      &attachment == gateway ? container.ports : std::vector<networks::PublishedPort>{});
      if (&attachment == gateway) ports = std::move(published);
      // Drivers that keep hold of a container's namespace get it again.
      if (sandbox.netns >= 0)
        service->move_default_route(attachment, sandbox.netns, default_routes_of(container.networks, attachment));
    } catch (const Error& e) {
      log::error("container " + container.id + ": network " + attachment.network + ": " + e.what());
    }
  }
  return ports;
}

} // namespace gantry::containers
