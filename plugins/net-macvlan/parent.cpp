#include "parent.hpp"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "net-common/error.hpp"
#include "net-common/links.hpp"

namespace gantry::net_macvlan {

namespace {

net::Message new_link(const std::string& name) {
  net::Message message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  message.header<ifinfomsg>();
  message.put_text(IFLA_IFNAME, name);
  return message;
}

net::Message request_of_kind(const std::string& name, const char* kind) {
  net::Message message = new_link(name);
  nlattr* info = message.begin(IFLA_LINKINFO);
  message.put_text(IFLA_INFO_KIND, kind);
  message.end(info);
  return message;
}

net::Message vlan_request(const std::string& name, int of, std::uint16_t number) {
  net::Message message = new_link(name);
  message.put_u32(IFLA_LINK, static_cast<std::uint32_t>(of));
  nlattr* info = message.begin(IFLA_LINKINFO);
  message.put_text(IFLA_INFO_KIND, "vlan");
  nlattr* data = message.begin(IFLA_INFO_DATA);
  message.put(IFLA_VLAN_ID, &number, sizeof number);
  message.end(data);
  message.end(info);
  return message;
}

void make(net::Socket& socket, net::Message request, const std::string& name, const std::string& alias) {
  if (const int error = socket.run(std::move(request)); error != 0) {
    const bool missing = error == EOPNOTSUPP;
    throw Error(missing ? Code::unavailable : Code::internal,
                "make the network interface " + name + ": " +
                    (missing ? "the kernel has no such kind of interface" : std::strerror(error)),
                error);
  }
  const auto link = net::find_link(socket, name);
  if (!link) throw Error(Code::unavailable, "the network interface " + name + " was deleted at once");
  std::vector<net::Message> requests;
  requests.push_back(net::change_link(link->index));
  requests.back().put_text(IFLA_IFALIAS, alias);
  requests.push_back(net::raise_link(link->index));
  for (const int error : socket.run(requests)) {
    if (error == 0) continue;
    net::delete_link(socket, name);
    throw net::os_error("set up the network interface " + name, error);
  }
}

} // namespace

std::string ensure_parent(net::Socket& socket, const MacvlanOptions& options, const std::string& own_name,
                          const std::string& alias) {
  const std::string name = options.parent.empty() ? own_name : options.parent;
  if (net::find_link(socket, name)) return name;
  if (options.parent.empty()) {
    try {
      make(socket, request_of_kind(name, "dummy"), name, alias);
    } catch (const Error& e) {
      if (e.code() != Code::unavailable) throw;
      // A kernel without dummies: a bridge without ports leads nowhere, too.
      make(socket, request_of_kind(name, "bridge"), name, alias);
    }
    return name;
  }
  const auto base = options.vlan_of.empty() ? std::nullopt : net::find_link(socket, options.vlan_of);
  if (!base && options.vlan_of.empty())
    throw Error(Code::invalid, "invalid subinterface vlan name " + name + ", example formatting is eth0.10");
  if (!base) throw Error(Code::invalid, "the host has no network interface " + options.vlan_of);
  make(socket, vlan_request(name, base->index, options.vlan), name, alias);
  return name;
}

} // namespace gantry::net_macvlan
