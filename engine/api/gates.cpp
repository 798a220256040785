#include "api/gates.hpp"

namespace gantry::api {

namespace {

struct Gate {
  WireObject object;
  const char* pointer; ///< JSON pointer of the field
  ApiVersion since;    ///< first version that has it
  ApiVersion until;    ///< first version that has it no more
};

constexpr ApiVersion always{0, 0};
constexpr ApiVersion never{9999, 0};

// A later API version is a new row here.
constexpr Gate gates[] = {
    {WireObject::container_inspect, "/Config/Healthcheck/StartInterval", {1, 44}, never},
    {WireObject::container_inspect, "/NetworkSettings/Bridge", always, {1, 52}},
    {WireObject::container_inspect, "/NetworkSettings/HairpinMode", always, {1, 52}},
    {WireObject::container_inspect, "/NetworkSettings/LinkLocalIPv6Address", always, {1, 52}},
    {WireObject::container_inspect, "/NetworkSettings/LinkLocalIPv6PrefixLen", always, {1, 52}},
    {WireObject::container_inspect, "/NetworkSettings/SecondaryIPAddresses", always, {1, 52}},
    {WireObject::container_inspect, "/NetworkSettings/SecondaryIPv6Addresses", always, {1, 52}},
    {WireObject::container_inspect, "/NetworkSettings/EndpointID", always, {1, 52}},
    {WireObject::container_inspect, "/NetworkSettings/Gateway", always, {1, 52}},
    {WireObject::container_inspect, "/NetworkSettings/GlobalIPv6Address", always, {1, 52}},
    {WireObject::container_inspect, "/NetworkSettings/GlobalIPv6PrefixLen", always, {1, 52}},
    {WireObject::container_inspect, "/NetworkSettings/IPAddress", always, {1, 52}},
    {WireObject::container_inspect, "/NetworkSettings/IPPrefixLen", always, {1, 52}},
    {WireObject::container_inspect, "/NetworkSettings/IPv6Gateway", always, {1, 52}},
    {WireObject::container_inspect, "/NetworkSettings/MacAddress", always, {1, 52}},
    {WireObject::container_summary, "/HostConfig/Annotations", {1, 46}, never},
    {WireObject::info, "/Containerd", {1, 46}, never},
    {WireObject::info, "/DefaultAddressPools", {1, 40}, never},
    {WireObject::info, "/FirewallBackend", {1, 49}, never},
    {WireObject::info, "/DiscoveredDevices", {1, 50}, never},
    {WireObject::info, "/KernelMemory", always, {1, 42}},
    {WireObject::info, "/BridgeNfIptables", always, {1, 50}},
    {WireObject::info, "/BridgeNfIp6tables", always, {1, 50}},
    {WireObject::info, "/RegistryConfig/AllowNondistributableArtifactsCIDRs", always, {1, 47}},
    {WireObject::info, "/RegistryConfig/AllowNondistributableArtifactsHostnames", always, {1, 47}},
};

void erase_at(Json& value, const Json::json_pointer& at) {
  const auto parent = at.parent_pointer();
  if (value.contains(at)) value[parent].erase(at.back());
}

} // namespace

void apply_gates(WireObject object, ApiVersion version, Json& value) {
  for (const auto& gate : gates)
    if (gate.object == object && (version < gate.since || version >= gate.until))
      erase_at(value, Json::json_pointer(gate.pointer));
}

} // namespace gantry::api
