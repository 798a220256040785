#pragma once

#include <string>

#include <gantry/sdk/network.hpp>

// Names that this instance has on the host. Interfaces have at most 15 characters.
namespace gantry::net_bridge {

/// "br-" and 12 digits of the network's id.
std::string bridge_name(const std::string& network_id);
/// What bridges made by us say in their alias: "gantry:INSTANCE:NETWORK-ID".
std::string bridge_alias(const std::string& instance, const std::string& network_id);
/// "02:42:…", the same whenever that network's bridge is made. Without one of its own a bridge has the lowest of its ports',
/// which changes as containers come and go, and the others' neighbour caches name one that is no more.
std::string bridge_mac(const std::string& network_id);
/// The host's end of an endpoint: "v", 4 digits of the instance, 10 of the endpoint.
std::string veth_name(const std::string& instance, const std::string& endpoint_id);
/// The part that all of an instance's have.
std::string veth_prefix(const std::string& instance);
/// Of the nftables table.
std::string table_name(const std::string& instance);

} // namespace gantry::net_bridge
