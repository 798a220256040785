#include "names.hpp"

#include <cstdint>
#include <cstdio>

#include "net-common/ip_address.hpp"

namespace gantry::net_bridge {

namespace {

/// FNV-1a: the same in every build.
std::uint32_t hash_of(const std::string& text) {
  std::uint32_t hash = 2166136261u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash;
}

} // namespace

std::string bridge_name(const std::string& network_id) { return "br-" + network_id.substr(0, 12); }

std::string bridge_alias(const std::string& instance, const std::string& network_id) {
  return "gantry:" + instance + ":" + network_id;
}

std::string bridge_mac(const std::string& network_id) {
  const std::uint32_t hash = hash_of(network_id);
  const unsigned char bytes[] = {static_cast<unsigned char>(hash >> 24), static_cast<unsigned char>(hash >> 16),
                                 static_cast<unsigned char>(hash >> 8), static_cast<unsigned char>(hash)};
  return net::local_mac(bytes);
}

std::string veth_prefix(const std::string& instance) {
  const std::uint32_t hash = hash_of(instance);
  char text[8];
  std::snprintf(text, sizeof text, "v%04x", (hash ^ hash >> 16) & 0xffffU);
  return text;
}

std::string veth_name(const std::string& instance, const std::string& endpoint_id) {
  return veth_prefix(instance) + endpoint_id.substr(0, 10);
}

std::string table_name(const std::string& instance) { return instance == "gantry" ? instance : "gantry-" + instance; }

} // namespace gantry::net_bridge
