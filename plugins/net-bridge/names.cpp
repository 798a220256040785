#include "names.hpp"

#include <cstdint>
#include <cstdio>

namespace gantry::net_bridge {

std::string bridge_name(const std::string& network_id) { return "br-" + network_id.substr(0, 12); }

std::string bridge_alias(const std::string& instance, const std::string& network_id) {
  return "gantry:" + instance + ":" + network_id;
}

std::string veth_prefix(const std::string& instance) {
  std::uint32_t hash = 2166136261u; // FNV-1a: the same in every build
  for (const char c : instance) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  char text[8];
  std::snprintf(text, sizeof text, "v%04x", (hash ^ hash >> 16) & 0xffffU);
  return text;
}

std::string veth_name(const std::string& instance, const std::string& endpoint_id) {
  return veth_prefix(instance) + endpoint_id.substr(0, 10);
}

std::string table_name(const std::string& instance) { return instance == "gantry" ? instance : "gantry-" + instance; }

} // namespace gantry::net_bridge
