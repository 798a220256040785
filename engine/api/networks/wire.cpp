#include "api/networks/wire.hpp"

#include "base/time.hpp"
#include "containers/json_reader.hpp"
#include "containers/json_writer.hpp"
#include "networks/egress.hpp"

namespace gantry::api {

namespace {

using gantry::containers::JsonReader;
using gantry::containers::object_of;
using gantry::networks::CreateNetwork;
using gantry::networks::IpamPool;
using gantry::networks::Member;
using gantry::networks::Network;

Json ipam_json(const Network& network) {
  Json config = Json::array();
  for (const auto& pool : network.pools) {
    Json item{{"Subnet", pool.subnet}};
    if (!pool.ip_range.empty()) item["IPRange"] = pool.ip_range;
    const bool shown = pool.chosen || network.is_builtin() || !pool.chosen_gateway;
    if (shown && !pool.gateway.empty()) item["Gateway"] = pool.gateway;
    if (!pool.aux_addresses.empty()) item["AuxiliaryAddresses"] = object_of(pool.aux_addresses);
    config.push_back(std::move(item));
  }
  Json ipam{{"Driver", network.ipam_driver}, {"Options", nullptr}, {"Config", nullptr}};
  if (network.ipam_options) ipam["Options"] = object_of(*network.ipam_options);
  if (!config.empty()) ipam["Config"] = std::move(config);
  return ipam;
}

Json members_json(const std::vector<Member>& members) {
  Json json = Json::object();
  for (const auto& member : members) {
    json[member.container_id] = {{"Name", member.container_name},
                                 {"EndpointID", member.endpoint_id},
                                 {"MacAddress", member.mac},
                                 {"IPv4Address", member.ipv4},
                                 {"IPv6Address", member.ipv6}};
  }
  return json;
}

IpamPool pool_from(const JsonReader& reader) {
  IpamPool pool;
  reader.read("Subnet", pool.subnet);
  reader.read("IPRange", pool.ip_range);
  reader.read("Gateway", pool.gateway);
  reader.read("AuxiliaryAddresses", pool.aux_addresses);
  return pool;
}

} // namespace

Json network_json(const Network& network, const std::vector<Member>* members) {
  Json json;
  json["Name"] = network.name;
  json["Id"] = network.id;
  json["Created"] = rfc3339_nano(network.created_ns);
  json["Scope"] = "local";
  json["Driver"] = network.driver;
  json["EnableIPv4"] = network.ipv4;
  json["EnableIPv6"] = network.ipv6;
  json["IPAM"] = ipam_json(network);
  json["Internal"] = network.internal;
  json["Attachable"] = network.attachable;
  json["Ingress"] = network.ingress;
  json["ConfigFrom"] = {{"Network", network.config_from}};
  json["ConfigOnly"] = network.config_only;
  json["Containers"] = members ? members_json(*members) : Json::object();
  json["Options"] = object_of(network.options);
  json["Labels"] = object_of(network.labels);
  if (const auto egress = network.options.find(gantry::networks::egress_key); egress != network.options.end())
    json["Gantry"]["Egress"] = gantry::networks::egress_list(egress->second);
  return json;
}

std::optional<std::string> egress_of(const Json& body) {
  const Json* more = JsonReader(body, "").find("Gantry");
  if (more == nullptr || more->is_null()) return std::nullopt;
  const JsonReader reader(*more, "Gantry");
  for (const auto& [name, value] : more->items())
    if (name != "Egress") throw invalid("Gantry." + name + ": unknown member; allowed is Egress");
  std::optional<std::vector<std::string>> egress;
  reader.read("Egress", egress);
  if (!egress) return std::nullopt;
  return gantry::networks::egress_text(*egress);
}

CreateNetwork network_request(const Json& body) {
  CreateNetwork request;
  Network& network = request.network;
  const JsonReader reader(body, "");
  reader.read("Name", network.name);
  reader.read("Driver", network.driver);
  reader.read("EnableIPv4", network.ipv4);
  reader.read("EnableIPv6", network.ipv6);
  reader.read("Internal", network.internal);
  reader.read("Attachable", network.attachable);
  reader.read("Ingress", network.ingress);
  reader.read("ConfigOnly", network.config_only);
  if (const Json* from = reader.find("ConfigFrom")) JsonReader(*from, "ConfigFrom").read("Network", network.config_from);
  if (const Json* ipam = reader.find("IPAM")) {
    const JsonReader inner(*ipam, "IPAM");
    inner.read("Driver", network.ipam_driver);
    inner.read("Options", network.ipam_options);
    inner.read_objects("Config", network.pools, pool_from);
    if (network.ipam_driver.empty()) network.ipam_driver = "default";
  }
  reader.read("Options", network.options);
  if (const auto egress = egress_of(body)) network.options[gantry::networks::egress_key] = *egress;
  reader.read("Labels", network.labels);
  std::string scope;
  reader.read("Scope", scope);
  if (network.ingress) throw forbidden("Ingress network can only be global scope network");
  if (scope == "swarm") throw forbidden("cannot create a swarm scoped network when swarm is not active");
  if (!scope.empty() && scope != "local") throw invalid("invalid scope \"" + scope + "\": only local networks are supported");
  return request;
}

} // namespace gantry::api
