#include "ports/conntrack.hpp"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <sys/socket.h>

#include <set>

#include "net-common/attributes.hpp"
#include "net-common/socket.hpp"

namespace gantry::net_bridge {

namespace {

/// The attribute of that type inside of `nest`, or null.
const nlattr* inner(const nlattr* nest, std::uint16_t type) {
  if (nest == nullptr) return nullptr;
  const nlattr* found = nullptr;
  net::each_nested(*nest, [&](const nlattr& attribute) {
    if (mnl_attr_get_type(&attribute) == type) found = &attribute;
  });
  return found;
}

struct Flow {
  unsigned char family = 0;
  std::string original; ///< CTA_TUPLE_ORIG, its bytes
};

net::Message flow_message(std::uint16_t type, std::uint16_t flags, unsigned char family) {
  net::Message message(static_cast<std::uint16_t>(NFNL_SUBSYS_CTNETLINK << 8 | type), flags);
  message.header<nfgenmsg>().nfgen_family = family;
  return message;
}

/// Flows to one of the ports.
std::vector<Flow> find_flows(net::Socket& socket, const std::set<std::uint16_t>& ports) {
  std::vector<Flow> found;
  for (const unsigned char family : {AF_INET, AF_INET6}) {
    socket.dump(flow_message(IPCTNL_MSG_CT_GET, NLM_F_DUMP, family), [&](const nlmsghdr& head) {
      const nlattr* tuple = nullptr;
      net::each_attribute(head, sizeof(nfgenmsg), [&](const nlattr& attribute) {
        if (mnl_attr_get_type(&attribute) == CTA_TUPLE_ORIG) tuple = &attribute;
      });
      const nlattr* protocol = inner(tuple, CTA_TUPLE_PROTO);
      const nlattr *number = inner(protocol, CTA_PROTO_NUM), *port = inner(protocol, CTA_PROTO_DST_PORT);
      if (number == nullptr || port == nullptr || mnl_attr_get_u8(number) != IPPROTO_UDP) return;
      if (ports.count(ntohs(mnl_attr_get_u16(port))) == 0) return;
      const auto* bytes = static_cast<const char*>(mnl_attr_get_payload(tuple));
      found.push_back({family, {bytes, mnl_attr_get_payload_len(tuple)}});
    });
  }
  return found;
}

} // namespace

void forget_flows(const std::vector<Port>& before, const std::vector<Port>& after) {
  std::set<std::uint16_t> ports;
  for (const auto* list : {&before, &after}) {
    for (const auto& port : *list)
      if (port.protocol == "udp") ports.insert(port.host_port);
  }
  if (ports.empty()) return;
  net::Socket socket(NETLINK_NETFILTER);
  for (const Flow& flow : find_flows(socket, ports)) {
    net::Message message = flow_message(IPCTNL_MSG_CT_DELETE, 0, flow.family);
    message.put(CTA_TUPLE_ORIG | NLA_F_NESTED, flow.original.data(), flow.original.size());
    (void)socket.run(std::move(message)); // it may have ended meanwhile
  }
}

} // namespace gantry::net_bridge
