#include <arpa/inet.h>

#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/container/each.hpp"
#include "cli/commands/container/flag_values.hpp"
#include "cli/failure.hpp"

namespace gantry::cli {
namespace {

using Strings = std::vector<std::string>;

struct CreateOptions {
  std::string driver = "bridge", ipam_driver = "default", config_from, scope;
  bool attachable = false, ingress = false, internal = false, ipv4 = true, ipv6 = false, config_only = false;
  Strings egress, subnets, ranges, gateways, aux_addresses, labels, options, ipam_options;
};

/// An address as bytes, empty when it is none.
std::string bytes_of(const std::string& text) {
  char bytes[16];
  if (::inet_pton(AF_INET, text.c_str(), bytes) == 1) return {bytes, 4};
  if (::inet_pton(AF_INET6, text.c_str(), bytes) == 1) return {bytes, 16};
  return "";
}

/// Whether an address (or a subnet's first one) lies in a subnet. What cannot be read is the daemon's business.
bool lies_in(const std::string& address, const std::string& subnet) {
  const auto [base, length] = cut(subnet, '/');
  const std::string a = bytes_of(cut(address, '/').first), b = bytes_of(base);
  if (a.empty() || a.size() != b.size() || !length) return false;
  std::size_t bits = 0;
  for (const char c : *length) bits = bits * 10 + static_cast<std::size_t>(c - '0');
  for (std::size_t i = 0; i < a.size() && i * 8 < bits; ++i) {
    const unsigned keep = bits - i * 8 >= 8 ? 8 : static_cast<unsigned>(bits - i * 8);
    if ((static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i])) >> (8 - keep) != 0) return false;
  }
  return true;
}

Json* find_subnet(Json& config, const std::string& address) {
  for (Json& item : config)
    if (lies_in(address, item["Subnet"].get<std::string>())) return &item;
  return nullptr;
}

/// One range or gateway for a subnet.
void put(Json& config, const char* key, const std::string& what, const std::string& value) {
  Json* item = find_subnet(config, value);
  if (!item) throw Failure("no matching subnet for " + what + " " + value);
  if (item->contains(key))
    throw Failure("cannot configure multiple " + what + "s (" + value + ", " + (*item)[key].get<std::string>() +
                  ") on the same subnet (" + (*item)["Subnet"].get<std::string>() + ")");
  (*item)[key] = value;
}

Json ipam_config(const CreateOptions& o) {
  Json config = Json::array();
  if (o.subnets.size() < o.ranges.size() || o.subnets.size() < o.gateways.size())
    throw Failure("every ip-range or gateway must have a corresponding subnet");
  for (const auto& subnet : o.subnets) {
    for (const Json& other : config) {
      const auto known = other["Subnet"].get<std::string>();
      if (lies_in(subnet, known) || lies_in(known, subnet))
        throw Failure("multiple overlapping subnet configuration is not supported");
    }
    config.push_back({{"Subnet", subnet}});
  }
  for (const auto& range : o.ranges) put(config, "IPRange", "range", range);
  for (const auto& gateway : o.gateways) put(config, "Gateway", "gateway", gateway);
  for (const auto& aux : o.aux_addresses) {
    const auto [name, address] = cut(aux, '=');
    Json* item = address ? find_subnet(config, *address) : nullptr;
    if (!item) throw Failure("no matching subnet for aux-address " + address.value_or(""));
    (*item)["AuxiliaryAddresses"][name] = *address;
  }
  return config;
}

Json map_of(const Strings& pairs) {
  Json map = Json::object();
  for (const auto& pair : pairs) map[cut(pair, '=').first] = cut(pair, '=').second.value_or("");
  return map;
}

Json body_of(const CreateOptions& o, const std::string& name, bool ipv4_given) {
  Json body{{"Name", name},
            {"Driver", o.driver},
            {"Internal", o.internal},
            {"Attachable", o.attachable},
            {"Ingress", o.ingress},
            {"ConfigOnly", o.config_only},
            {"EnableIPv6", o.ipv6},
            {"Options", map_of(o.options)},
            {"Labels", map_of(o.labels)},
            {"IPAM", {{"Driver", o.ipam_driver}, {"Options", map_of(o.ipam_options)}, {"Config", ipam_config(o)}}}};
  if (ipv4_given) body["EnableIPv4"] = o.ipv4;
  if (!o.egress.empty()) body["Gantry"]["Egress"] = o.egress;
  if (!o.scope.empty()) body["Scope"] = o.scope;
  if (!o.config_from.empty()) body["ConfigFrom"]["Network"] = o.config_from;
  return body;
}

} // namespace

int create_network(Invocation& in) {
  CreateOptions o;
  FlagSet flags(in);
  flags.boolean("attachable", 0, o.attachable, "Accepted for docker's scripts");
  flags.list("aux-address", 0, o.aux_addresses, "NAME=ADDRESS that no container gets", "map");
  flags.text("config-from", 0, o.config_from, "Network to take the settings from");
  flags.boolean("config-only", 0, o.config_only, "Make a network that only holds settings");
  flags.text("driver", 'd', o.driver, "Driver of the network").standard = "bridge";
  flags.list("egress", 0, o.egress, "Let its containers reach only this (see docs/networks.md; or \"none\")", "destination");
  flags.list("gateway", 0, o.gateways, "Address of the gateway in its subnet", "strings");
  flags.boolean("ingress", 0, o.ingress, "For a swarm");
  flags.boolean("internal", 0, o.internal, "Let nothing out of the network");
  flags.list("ip-range", 0, o.ranges, "Part of a subnet that containers get addresses from", "strings");
  flags.text("ipam-driver", 0, o.ipam_driver, "Driver of the addresses").standard = "default";
  flags.list("ipam-opt", 0, o.ipam_options, "Option of the driver of addresses", "map");
  flags.boolean("ipv4", 0, o.ipv4, "Give containers IPv4 addresses").standard = "true";
  flags.boolean("ipv6", 0, o.ipv6, "Give containers IPv6 addresses");
  flags.list("label", 0, o.labels, "Label of the network");
  flags.list("opt", 'o', o.options, "Option of the driver", "map");
  flags.text("scope", 0, o.scope, "Only \"local\"");
  flags.list("subnet", 0, o.subnets, "Subnet of the network (CIDR)", "strings");
  const auto words = flags.parse();
  const Request request{"POST", "/networks/create", {}, body_of(o, words[0], flags.changed("ipv4"))};
  const Json answer = in.client.call(request).read_json();
  print_line(answer.value("Id", ""));
  return 0;
}

} // namespace gantry::cli
