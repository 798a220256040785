#include "net-common/links.hpp"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "net-common/attributes.hpp"
#include "net-common/error.hpp"

namespace gantry::net {

namespace {

std::string kind_of(const nlattr* info) {
  std::string kind;
  each_nested(*info, [&](const nlattr& attribute) {
    if (mnl_attr_get_type(&attribute) == IFLA_INFO_KIND) kind = mnl_attr_get_str(&attribute);
  });
  return kind;
}

Link read_link(const nlmsghdr& head) {
  Link link;
  const auto* info = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(&head));
  link.index = info->ifi_index;
  link.flags = info->ifi_flags;
  each_attribute(head, sizeof(ifinfomsg), [&](const nlattr& item) {
    const nlattr* attribute = &item;
    switch (mnl_attr_get_type(attribute)) {
      case IFLA_IFNAME:
        link.name = mnl_attr_get_str(attribute);
        break;
      case IFLA_IFALIAS:
        link.alias = mnl_attr_get_str(attribute);
        break;
      case IFLA_MASTER:
        link.master = static_cast<int>(mnl_attr_get_u32(attribute));
        break;
      case IFLA_LINKINFO:
        link.kind = kind_of(attribute);
        break;
      default:
        break;
    }
  });
  return link;
}

Message deletion(const std::string& name) {
  Message message(RTM_DELLINK, 0);
  message.header<ifinfomsg>();
  message.put_text(IFLA_IFNAME, name);
  return message;
}

} // namespace

std::optional<Link> find_link(Socket& socket, const std::string& name) {
  Message message(RTM_GETLINK, 0);
  message.header<ifinfomsg>();
  message.put_text(IFLA_IFNAME, name);
  std::optional<Link> found;
  try {
    socket.dump(std::move(message), [&](const nlmsghdr& head) { found = read_link(head); });
  } catch (const Error& e) {
    if (e.os_errno() != ENODEV) throw;
  }
  return found;
}

std::vector<Link> list_links(Socket& socket) {
  Message message(RTM_GETLINK, NLM_F_DUMP);
  message.header<ifinfomsg>();
  std::vector<Link> links;
  socket.dump(std::move(message), [&](const nlmsghdr& head) { links.push_back(read_link(head)); });
  return links;
}

bool delete_link(Socket& socket, const std::string& name) {
  const int error = socket.run(deletion(name));
  if (error != 0 && error != ENODEV) throw os_error("delete the network interface " + name, error);
  return error == 0;
}

void delete_links(Socket& socket, const std::vector<std::string>& names) {
  std::vector<Message> messages;
  for (const auto& name : names) messages.push_back(deletion(name));
  const auto errors = socket.run(messages);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (errors[i] != 0 && errors[i] != ENODEV) throw os_error("delete the network interface " + names[i], errors[i]);
  }
}

Message change_link(int index) {
  Message message(RTM_NEWLINK, 0);
  message.header<ifinfomsg>().ifi_index = index;
  return message;
}

Message raise_link(int index) {
  Message message(RTM_NEWLINK, 0);
  auto& info = message.header<ifinfomsg>();
  info.ifi_index = index;
  info.ifi_flags = info.ifi_change = IFF_UP;
  return message;
}

} // namespace gantry::net
