#include "networks/network_json.hpp"

namespace gantry::networks {
namespace {

using Map = std::map<std::string, std::string>;

Map map_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found == json.end() || !found->is_object() ? Map{} : found->get<Map>();
}

Json pools_json(const std::vector<IpamPool>& pools) {
  Json list = Json::array();
  for (const auto& pool : pools)
    list.push_back({{"subnet", pool.subnet},
                    {"ip_range", pool.ip_range},
                    {"gateway", pool.gateway},
                    {"aux", pool.aux_addresses},
                    {"chosen", pool.chosen},
                    {"chosen_gateway", pool.chosen_gateway}});
  return list;
}

} // namespace

Json to_json(const Network& n) {
  return {{"id", n.id},
          {"name", n.name},
          {"driver", n.driver},
          {"created_ns", n.created_ns},
          {"ipv4", n.ipv4},
          {"ipv6", n.ipv6},
          {"internal", n.internal},
          {"attachable", n.attachable},
          {"ingress", n.ingress},
          {"config_only", n.config_only},
          {"config_from", n.config_from},
          {"ipam_driver", n.ipam_driver},
          {"ipam_options", n.ipam_options ? Json(*n.ipam_options) : Json(nullptr)},
          {"pools", pools_json(n.pools)},
          {"chosen_subnet", n.chosen_subnet},
          {"options", n.options},
          {"labels", n.labels}};
}

Network network_from_json(const Json& json) {
  Network n;
  n.id = json.value("id", "");
  n.name = json.value("name", "");
  n.driver = json.value("driver", "bridge");
  n.created_ns = json.value("created_ns", std::int64_t{0});
  n.ipv4 = json.value("ipv4", true);
  n.ipv6 = json.value("ipv6", false);
  n.internal = json.value("internal", false);
  n.attachable = json.value("attachable", false);
  n.ingress = json.value("ingress", false);
  n.config_only = json.value("config_only", false);
  n.config_from = json.value("config_from", "");
  n.ipam_driver = json.value("ipam_driver", "default");
  if (const auto options = json.find("ipam_options"); options != json.end() && options->is_object())
    n.ipam_options = map_of(json, "ipam_options");
  n.chosen_subnet = json.value("chosen_subnet", false);
  n.options = map_of(json, "options");
  n.labels = map_of(json, "labels");
  for (const auto& pool : json.value("pools", Json::array()))
    n.pools.push_back({pool.value("subnet", ""), pool.value("ip_range", ""), pool.value("gateway", ""), map_of(pool, "aux"),
                       pool.value("chosen", false), pool.value("chosen_gateway", false)});
  return n;
}

} // namespace gantry::networks
