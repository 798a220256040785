#include <algorithm>

#include "api/filters.hpp"
#include "api/gates.hpp"
#include "api/networks/predefined.hpp"
#include "api/routes.hpp"
#include "api/services.hpp"

namespace gantry::api {

namespace {

Json network_json(const PredefinedNetwork& network, ApiVersion version) {
  Json json;
  json["Name"] = network.name;
  json["Id"] = network.id;
  json["Created"] = "0001-01-01T00:00:00Z";
  json["Scope"] = "local";
  json["Driver"] = network.driver;
  json["EnableIPv4"] = true;
  json["EnableIPv6"] = false;
  json["IPAM"] = {{"Driver", "default"}, {"Options", nullptr}, {"Config", Json::array()}};
  json["Internal"] = json["Attachable"] = json["Ingress"] = false;
  json["ConfigFrom"] = {{"Network", ""}};
  json["ConfigOnly"] = false;
  json["Containers"] = json["Options"] = json["Labels"] = Json::object();
  apply_gates(WireObject::network, version, json);
  return json;
}

bool contains(const std::vector<std::string>& wanted, std::string_view value) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

bool matches(const Filters& filters, const PredefinedNetwork& network) {
  const auto& names = filters.get("name");
  const auto& ids = filters.get("id");
  const auto in_name = [&](const auto& part) { return network.name.find(part) != std::string_view::npos; };
  const auto in_id = [&](const auto& part) { return network.id.starts_with(part); };
  return (names.empty() || std::any_of(names.begin(), names.end(), in_name)) &&
         (ids.empty() || std::any_of(ids.begin(), ids.end(), in_id)) && contains(filters.get("driver"), network.driver) &&
         contains(filters.get("scope"), "local") && contains(filters.get("type"), "builtin") && !filters.has("label") &&
         !filters.flag("dangling", false);
}

Task<void> get_networks(Services&, Request& request, Reply& reply) {
  const Filters filters(request.query.get("filters"), {"dangling", "driver", "id", "label", "name", "scope", "type"});
  Json list = Json::array();
  for (const auto& network : predefined_networks)
    if (matches(filters, network)) list.push_back(network_json(network, request.version));
  reply.json(200, list);
  co_return;
}

const PredefinedNetwork& find_network(const std::string& reference) {
  for (const auto& network : predefined_networks)
    if (network.name == reference || (!reference.empty() && network.id.starts_with(reference))) return network;
  throw not_found("network " + reference + " not found");
}

Task<void> get_network(Services&, Request& request, Reply& reply) {
  reply.json(200, network_json(find_network(request.param("id")), request.version));
  co_return;
}

Task<void> delete_network(Services&, Request& request, Reply&) {
  const auto& network = find_network(request.param("id"));
  throw forbidden(std::string(network.name) + " is a pre-defined network and cannot be removed");
  co_return;
}

Task<void> post_network_create(Services&, Request&, Reply&) {
  throw not_implemented("this engine has no network driver yet: only the networks none and host exist");
  co_return;
}

} // namespace

void add_network_routes(Router& router) {
  router.add(Method::get, "/networks", get_networks);
  router.add(Method::get, "/networks/", get_networks);
  router.add(Method::post, "/networks/create", post_network_create);
  router.add(Method::get, "/networks/{id}", get_network);
  router.add(Method::del, "/networks/{id}", delete_network);
}

} // namespace gantry::api
