#include "ports/sockets.hpp"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "net-common/socket.hpp"

namespace gantry::net_bridge {

namespace {

/// TCP_BOUND_INACTIVE of Linux 6.8: bound, and neither listening nor connected. Earlier kernels ignore the bit.
constexpr unsigned bound_inactive = 13;

net::Message request(unsigned char family, unsigned char protocol) {
  net::Message message(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP);
  auto& header = message.header<inet_diag_req_v2>();
  header.sdiag_family = family;
  header.sdiag_protocol = protocol;
  // A connection is in nobody's way (SO_REUSEADDR, see PortHolder).
  header.idiag_states = protocol == IPPROTO_TCP ? 1U << TCP_LISTEN | 1U << bound_inactive : ~0U;
  return message;
}

} // namespace

SocketPorts::Ports SocketPorts::ask(unsigned char protocol) {
  Ports ports;
  try {
    net::Socket socket(NETLINK_SOCK_DIAG);
    for (const unsigned char family : {AF_INET, AF_INET6}) {
      socket.dump(request(family, protocol), [&](const nlmsghdr& head) {
        const auto& found = *static_cast<const inet_diag_msg*>(mnl_nlmsg_get_payload(&head));
        ports.set(ntohs(found.id.idiag_sport));
      });
    }
  } catch (const Error&) {
    ports.set();
  }
  return ports;
}

bool SocketPorts::maybe_taken(const Port& port) {
  if (port.protocol != "tcp" && port.protocol != "udp") return true;
  const auto known = ports_.find(port.protocol);
  if (known != ports_.end()) return known->second.test(port.host_port);
  return ports_.emplace(port.protocol, ask(port.protocol == "tcp" ? IPPROTO_TCP : IPPROTO_UDP))
      .first->second.test(port.host_port);
}

} // namespace gantry::net_bridge
