#include "networks/check_endpoint.hpp"

#include <cstdio>

#include "base/error.hpp"
#include "networks/address.hpp"
#include "networks/complaints.hpp"

namespace gantry::networks {
namespace {

using Complaints = std::vector<std::string>;

bool is_predefined(const std::string& name) { return name == "bridge" || name == "host" || name == "none"; }

void check_predefined(const EndpointSettings& settings, Complaints& out) {
  if (!settings.ipv4_address.empty() || !settings.ipv6_address.empty())
    out.emplace_back("user specified IP address is supported on user defined networks only");
  if (!settings.aliases.empty())
    out.emplace_back("network-scoped alias is supported only for containers in user defined networks");
}

void check_syntax(const EndpointSettings& settings, Complaints& out) {
  const auto is = [](const std::string& text, bool ipv6) {
    const auto address = Address::parse(text);
    return address && address->is_ipv6() == ipv6 && text != "0.0.0.0" && text != "::";
  };
  const std::string &v4 = settings.ipv4_address, &v6 = settings.ipv6_address;
  if (!v4.empty() && !is(v4, false)) out.push_back("invalid IPv4 address: " + v4);
  if (!v6.empty() && !is(v6, true)) out.push_back("invalid IPv6 address: " + v6);
  for (const auto& text : settings.link_local_ips)
    if (!Address::parse(text)) out.push_back("invalid link-local IP address: " + text);
}

/// A fixed address is for sure free at the next start only in a subnet that the user chose.
void check_subnet(const Network& network, const std::string& wanted, bool ipv6, Complaints& out) {
  if (wanted.empty()) return;
  const auto address = Address::parse(wanted);
  bool any = false;
  for (const auto& pool : network.pools) {
    const auto subnet = Prefix::parse(pool.subnet);
    if (network.chosen_subnet || pool.chosen || !subnet || subnet->address.is_ipv6() != ipv6) continue;
    if (address && subnet->contains(*address)) return;
    any = true;
  }
  out.push_back(any ? "no configured subnet or ip-range contain the IP address " + wanted
                    : "user specified IP address is supported only when connecting to networks with user configured subnets");
}

} // namespace

void check_endpoint(const Network* network, const std::string& name, const EndpointSettings& settings) {
  Complaints wrong;
  if (is_predefined(network ? network->name : name)) check_predefined(settings, wrong);
  check_syntax(settings, wrong);
  if (network) check_subnet(*network, settings.ipv4_address, false, wrong);
  if (network) check_subnet(*network, settings.ipv6_address, true, wrong);
  if (!wrong.empty()) throw invalid(complaint("invalid endpoint settings", wrong));
  if (!settings.mac_address.empty()) (void)checked_mac(settings.mac_address);
}

std::string checked_mac(const std::string& text) {
  unsigned b[6] = {};
  char rest = 0;
  const int found = std::sscanf(text.c_str(), "%2x:%2x:%2x:%2x:%2x:%2x%c", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &rest);
  // sscanf(3) also takes signs and blanks for digits.
  const bool plain = text.find_first_not_of("0123456789abcdefABCDEF:") == text.npos;
  if (found != 6 || text.size() != 17 || !plain) throw invalid("invalid MAC address " + text);
  if ((b[0] & 1) != 0) throw invalid("invalid MAC address " + text + ": it is a group address");
  char out[18];
  std::snprintf(out, sizeof out, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
  return out;
}

} // namespace gantry::networks
