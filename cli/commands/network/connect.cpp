#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/container/flag_values.hpp"

namespace gantry::cli {

int connect_network(Invocation& in) {
  std::vector<std::string> aliases, driver_opts, links, link_local_ips;
  std::string ip, ip6;
  std::int64_t priority = 0;
  FlagSet flags(in);
  flags.list("alias", 0, aliases, "Further name of the container in the network", "strings");
  flags.list("driver-opt", 0, driver_opts, "Option of the driver", "strings");
  flags.integer("gw-priority", 0, priority, "The network with the highest one has the container's default gateway");
  flags.text("ip", 0, ip, "IPv4 address");
  flags.text("ip6", 0, ip6, "IPv6 address");
  flags.list("link", 0, links, "CONTAINER[:ALIAS] that is found by that name");
  flags.list("link-local-ip", 0, link_local_ips, "Link-local address", "strings");
  const auto words = flags.parse();
  Json endpoint = Json::object();
  if (!ip.empty()) endpoint["IPAMConfig"]["IPv4Address"] = ip;
  if (!ip6.empty()) endpoint["IPAMConfig"]["IPv6Address"] = ip6;
  if (!link_local_ips.empty()) endpoint["IPAMConfig"]["LinkLocalIPs"] = link_local_ips;
  if (!aliases.empty()) endpoint["Aliases"] = aliases;
  if (!links.empty()) endpoint["Links"] = links;
  if (priority != 0) endpoint["GwPriority"] = priority;
  for (const auto& option : driver_opts) {
    const auto [key, value] = cut(option, '=');
    if (!value) throw Failure("invalid key/value pair format in driver options");
    endpoint["DriverOpts"][key] = *value;
  }
  const Json body{{"Container", words[1]}, {"EndpointConfig", endpoint}};
  in.client.call({"POST", "/networks/" + url_encode(words[0]) + "/connect", {}, body}).read_all();
  return 0;
}

} // namespace gantry::cli
