#include "net-common/addresses.hpp"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include <cstring>

namespace gantry::net {

namespace {

rtmsg& route_header(Message& message, int family) {
  auto& route = message.header<rtmsg>();
  route.rtm_family = static_cast<unsigned char>(family);
  route.rtm_table = RT_TABLE_MAIN;
  route.rtm_scope = RT_SCOPE_UNIVERSE;
  return route;
}

} // namespace

Message add_address(int index, const IpAddress& address) {
  Message message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE);
  auto& header = message.header<ifaddrmsg>();
  header.ifa_family = static_cast<unsigned char>(address.family);
  header.ifa_prefixlen = static_cast<unsigned char>(address.prefix);
  header.ifa_index = static_cast<unsigned>(index);
  header.ifa_flags = address.family == AF_INET6 ? IFA_F_NODAD : 0;
  message.put(IFA_LOCAL, address.bytes, address.size());
  message.put(IFA_ADDRESS, address.bytes, address.size());
  if (address.family == AF_INET && address.prefix < 31) {
    std::uint32_t ip = 0;
    std::memcpy(&ip, address.bytes, 4);
    message.put_u32(IFA_BROADCAST, ip | htonl(0xffffffffU >> address.prefix));
  }
  return message;
}

Message add_default_route(int index, const IpAddress& gateway) {
  Message message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE);
  auto& route = route_header(message, gateway.family);
  route.rtm_protocol = RTPROT_BOOT;
  route.rtm_type = RTN_UNICAST;
  message.put(RTA_GATEWAY, gateway.bytes, gateway.size());
  message.put_u32(RTA_OIF, static_cast<std::uint32_t>(index));
  return message;
}

Message delete_default_route(int index, int family) {
  Message message(RTM_DELROUTE, 0);
  auto& route = route_header(message, family);
  route.rtm_scope = RT_SCOPE_NOWHERE;
  message.put_u32(RTA_OIF, static_cast<std::uint32_t>(index));
  return message;
}

} // namespace gantry::net
