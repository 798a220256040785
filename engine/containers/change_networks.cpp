#include "containers/change_networks.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "containers/networking.hpp"
#include "containers/port_requests.hpp"
#include "networks/egress.hpp"
#include "networks/network_service.hpp"

namespace gantry::containers {
namespace {

using networks::Attachment;
using networks::NetworkService;
using networks::PublishedPort;

std::string place_of(const PortBinding& binding) {
  return (binding.host_ip.empty() ? "" : binding.host_ip + ":") + binding.host_port;
}

bool same(const PortBinding& a, const PortBinding& b) { return a.host_ip == b.host_ip && a.host_port == b.host_port; }

/// Whether a port that was left to the engine, or is one of a range, is that one at present.
bool is_at(const Container& container, const std::string& key, const std::string& host_port) {
  const PortSpec spec = parse_port_spec(key);
  return std::any_of(container.ports.begin(), container.ports.end(), [&](const PublishedPort& port) {
    return port.container_port == spec.first && port.protocol == spec.protocol && std::to_string(port.host_port) == host_port;
  });
}

/// What is left open in `wanted` matches everything.
bool matches(const Container& container, const std::string& key, const PortBinding& binding, const PortBinding& wanted) {
  if (!wanted.host_ip.empty() && wanted.host_ip != binding.host_ip) return false;
  if (wanted.host_port.empty() || wanted.host_port == binding.host_port) return true;
  const bool open = binding.host_port.empty() || binding.host_port == "0" || binding.host_port.find('-') != std::string::npos;
  return open && is_at(container, key, wanted.host_port);
}

void withdraw(Container& container, const std::string& key, const PortBinding& wanted) {
  auto& all = container.host_config.port_bindings;
  const auto found = all.find(key);
  // An empty list is one binding that leaves everything open.
  if (found != all.end() && found->second.empty()) found->second.emplace_back();
  const std::size_t gone = found == all.end() ? 0 : std::erase_if(found->second, [&](const PortBinding& binding) {
    return matches(container, key, binding, wanted);
  });
  if (gone == 0) {
    const std::string place = place_of(wanted);
    throw invalid("port " + key + " of the container is not published" + (place.empty() ? "" : " at " + place));
  }
  if (found->second.empty()) all.erase(found);
}

void publish(Container& container, const std::string& key, const PortBinding& wanted) {
  auto& list = container.host_config.port_bindings[key];
  const bool fixed = !wanted.host_port.empty() && wanted.host_port != "0";
  const auto twin = [&](const PortBinding& binding) { return same(binding, wanted); };
  if (fixed && std::any_of(list.begin(), list.end(), twin))
    throw conflict("port " + key + " of the container is published at " + place_of(wanted) + " already");
  list.push_back(wanted);
  auto& exposed = container.config.exposed_ports;
  if (std::find(exposed.begin(), exposed.end(), key) == exposed.end()) {
    exposed.push_back(key);
    std::sort(exposed.begin(), exposed.end());
  }
}

void check_mode(const Container& container, const char* what) {
  const std::string& mode = container.host_config.network_mode;
  if (mode == "host" || mode == "none" || mode.starts_with("container:"))
    throw invalid("conflicting options: " + std::string(what) + " and the network mode \"" + mode + "\"");
}

/// Replaces what is published of `container` by `requests`, each at its present place where it has one.
std::vector<PublishedPort> publish_now(NetworkService& service, const Container& container) {
  const Attachment* gateway = publishing_network(container.networks);
  if (gateway == nullptr) return {};
  const auto& endpoint = gateway->endpoint;
  const auto requests =
      port_requests(container, default_binding(service, *gateway), !endpoint.ipv4.empty(), !endpoint.ipv6.empty());
  return service.publish(owner_of(container), *gateway, requests);
}

void publish_again(NetworkService& service, const Container& before) {
  const Attachment* gateway = publishing_network(before.networks);
  if (gateway == nullptr) return;
  std::vector<Port> ports;
  for (const auto& port : before.ports) ports.push_back({port.protocol, port.host_ip, port.container_port, port.host_port, 0});
  (void)service.publish(owner_of(before), *gateway, ports);
}

void change_egress(NetworkService& service, const Container& container) {
  for (const auto& attachment : container.networks) service.change_egress(owner_of(container), attachment);
}

} // namespace

void settle_container_egress(HostConfig& config) {
  auto& annotations = config.annotations;
  networks::settle_egress(annotations);
  if (!annotations.contains(networks::egress_key)) return;
  const std::string& mode = config.network_mode;
  if (mode == "host" || mode.starts_with("container:"))
    throw invalid("conflicting options: an egress policy and the network mode \"" + mode + "\"");
}

void merge_network_changes(Parts& parts, Container& container, const NetworkChanges& changes) {
  if (changes.changes_ports()) check_mode(container, "published ports");
  for (const auto& [key, bindings] : changes.withdraw)
    for (const auto& binding : bindings) withdraw(container, key, binding);
  for (const auto& [key, bindings] : changes.publish)
    for (const auto& binding : bindings) publish(container, key, binding);
  // Told now and not by the next start; which families there are is known only then.
  if (changes.changes_ports()) (void)port_requests(container, network_service_of(parts).settings().default_binding, true, true);
  if (!changes.egress) return;
  container.host_config.annotations[networks::egress_key] = *changes.egress;
  settle_container_egress(container.host_config);
}

void apply_network_changes(Parts& parts, const Container& before, Container& after, const NetworkChanges& changes,
                           Rollback& undo) {
  if (changes.empty() || !is_running(before.phase)) return;
  NetworkService& service = network_service_of(parts);
  if (changes.egress) {
    undo.add("the former egress policy of " + before.id, [&service, before] { change_egress(service, before); });
    change_egress(service, after);
  }
  if (!changes.changes_ports()) return;
  after.ports = publish_now(service, after);
  undo.add("the former ports of " + before.id, [&service, before] { publish_again(service, before); });
}

} // namespace gantry::containers
