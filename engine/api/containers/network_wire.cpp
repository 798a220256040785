#include "api/containers/network_wire.hpp"

#include "api/networks/predefined.hpp"

namespace gantry::api {

namespace {

using gantry::containers::Container;
using gantry::containers::Phase;

Json endpoint_json(std::string_view network_id, ApiVersion version) {
  Json endpoint;
  endpoint["IPAMConfig"] = endpoint["Links"] = endpoint["Aliases"] = nullptr;
  if (version >= ApiVersion{1, 44}) endpoint["MacAddress"] = "";
  if (version >= ApiVersion{1, 44}) endpoint["DriverOpts"] = nullptr;
  if (version >= ApiVersion{1, 48}) endpoint["GwPriority"] = 0;
  endpoint["NetworkID"] = network_id;
  endpoint["EndpointID"] = endpoint["Gateway"] = endpoint["IPAddress"] = "";
  endpoint["IPPrefixLen"] = 0;
  endpoint["IPv6Gateway"] = endpoint["GlobalIPv6Address"] = "";
  endpoint["GlobalIPv6PrefixLen"] = 0;
  if (version >= ApiVersion{1, 44}) {
    endpoint["DNSNames"] = nullptr;
  } else {
    endpoint["MacAddress"] = "";
    endpoint["DriverOpts"] = nullptr;
  }
  return endpoint;
}

/// A network is joined, and has an ID here, while the container runs.
bool joined(const Container& container) { return container.phase == Phase::running || container.phase == Phase::paused; }

} // namespace

Json container_networks(const Container& container, ApiVersion version) {
  Json networks = Json::object();
  if (container.config.network_disabled) return networks;
  const auto& mode = container.host_config.network_mode;
  const auto name = mode.empty() || mode == "default" ? std::string("none") : mode;
  if (name.starts_with("container:")) return networks;
  std::string_view id;
  for (const auto& network : predefined_networks)
    if (network.name == name && joined(container)) id = network.id;
  networks[name] = endpoint_json(id, version);
  return networks;
}

Json network_settings(const Container& container, ApiVersion version) {
  Json settings;
  settings["Bridge"] = settings["SandboxID"] = "";
  settings["SandboxKey"] = "";
  settings["Ports"] = Json::object();
  settings["HairpinMode"] = false;
  settings["LinkLocalIPv6Address"] = "";
  settings["LinkLocalIPv6PrefixLen"] = 0;
  settings["SecondaryIPAddresses"] = settings["SecondaryIPv6Addresses"] = nullptr;
  settings["EndpointID"] = settings["Gateway"] = settings["GlobalIPv6Address"] = "";
  settings["GlobalIPv6PrefixLen"] = 0;
  settings["IPAddress"] = "";
  settings["IPPrefixLen"] = 0;
  settings["IPv6Gateway"] = settings["MacAddress"] = "";
  settings["Networks"] = container_networks(container, version);
  return settings;
}

} // namespace gantry::api
