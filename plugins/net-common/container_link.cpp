#include "net-common/container_link.hpp"

#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>

#include "net-common/addresses.hpp"
#include "net-common/error.hpp"
#include "net-common/links.hpp"
#include "net-common/namespaces.hpp"
#include "net-common/sysctl.hpp"

namespace gantry::net {

namespace {

/// Every namespace's first interface.
constexpr int loopback = 1;

bool has_family(const ContainerLink& wanted, int family) {
  return std::any_of(wanted.addresses.begin(), wanted.addresses.end(), [&](const IpAddress& a) { return a.family == family; });
}

/// What a request was for, to say so when it fails.
struct Request {
  Message message;
  std::string what;
  bool may_fail = false; ///< what is asked for may be so already
};

void add_routes(std::vector<Request>& requests, const ContainerLink& wanted, int index, bool fresh) {
  for (const auto& [gateway, family] : {std::pair{wanted.gateway4, AF_INET}, std::pair{wanted.gateway6, AF_INET6}}) {
    if (gateway) {
      requests.push_back({add_default_route(index, *gateway), "set the default route by " + gateway->text()});
    } else if (!fresh) {
      requests.push_back({delete_default_route(index, family), "delete a default route", true});
    }
  }
}

void run(Socket& socket, std::vector<Request>& requests, const std::string& name) {
  std::vector<Message> messages;
  for (auto& request : requests) messages.push_back(std::move(request.message));
  const auto errors = socket.run(messages);
  for (std::size_t i = 0; i < errors.size(); ++i) {
    if (errors[i] != 0 && !requests[i].may_fail) throw os_error(requests[i].what + " of " + name, errors[i]);
  }
}

std::vector<Route> routes_of(const ContainerLink& wanted) {
  std::vector<Route> routes;
  for (const auto& address : wanted.addresses) routes.push_back({network_of(address), ""});
  if (wanted.gateway4) routes.push_back({"0.0.0.0/0", wanted.gateway4->text()});
  if (wanted.gateway6) routes.push_back({"::/0", wanted.gateway6->text()});
  return routes;
}

} // namespace

std::vector<Route> configure(int netns_fd, const ContainerLink& wanted) {
  const InNamespace inside(netns_fd);
  Socket socket(NETLINK_ROUTE);
  const auto link = find_link(socket, wanted.name);
  if (!link) throw Error(Code::not_found, "the container has no interface " + wanted.name);
  const bool fresh = (link->flags & IFF_UP) == 0;
  std::vector<Request> requests;
  if (fresh) {
    // Before the link is up, so that the kernel makes no address of its own.
    if (!has_family(wanted, AF_INET6)) write_sysctl("net/ipv6/conf/" + wanted.name + "/disable_ipv6", "1");
    for (const auto& [name, value] : wanted.sysctls) {
      if (!write_sysctl(name, value)) throw Error(Code::invalid, "cannot set the sysctl " + name + " to \"" + value + "\"");
    }
    for (const auto& address : wanted.addresses)
      requests.push_back({add_address(link->index, address), "add the address " + address.text()});
    requests.push_back({raise_link(link->index), "raise the link"});
    // The runtime raises it as well, perhaps later: 127.0.0.11 has to be there now.
    requests.push_back({raise_link(loopback), "raise the loopback"});
  }
  add_routes(requests, wanted, link->index, fresh);
  run(socket, requests, wanted.name);
  return routes_of(wanted);
}

bool has_interface(int netns_fd, const std::string& name) {
  const InNamespace inside(netns_fd);
  Socket socket(NETLINK_ROUTE);
  return find_link(socket, name).has_value();
}

std::vector<std::pair<std::string, std::string>> endpoint_sysctls(const Options& options, const std::string& interface) {
  std::vector<std::pair<std::string, std::string>> result;
  const auto found = std::find_if(options.begin(), options.end(),
                                  [](const auto& o) { return o.first == "com.docker.network.endpoint.sysctls"; });
  if (found == options.end()) return result;
  const std::string& text = found->second;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string item = text.substr(at, end - at);
    at = end + 1;
    // The docker CLI sends every option in lower case.
    const std::size_t equals = item.find('='), placeholder = std::min(item.find(".IFNAME."), item.find(".ifname."));
    const bool right = item.starts_with("net.") && equals != std::string::npos && placeholder < equals &&
                       item.find('/') == std::string::npos && item.find("..") == std::string::npos;
    if (!right) throw Error(Code::invalid, "invalid sysctl \"" + item + "\": net.FAMILY.KIND.IFNAME.NAME=VALUE is needed");
    std::string name =
        item.substr(0, placeholder) + "/" + interface + "/" + item.substr(placeholder + 8, equals - placeholder - 8);
    std::replace(name.begin(), name.begin() + static_cast<std::ptrdiff_t>(placeholder), '.', '/');
    result.emplace_back(std::move(name), item.substr(equals + 1));
  }
  return result;
}

} // namespace gantry::net
