#include "conformance/network_suite.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <thread>

namespace gantry::driver_test {

namespace {

UniqueFd open_own() { return UniqueFd(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)); }

bool has_default_route() {
  std::ifstream in("/proc/thread-self/net/route");
  for (std::string line; std::getline(in, line);) {
    const std::size_t tab = line.find('\t');
    if (tab != std::string::npos && line.compare(tab + 1, 9, "00000000\t") == 0) return true;
  }
  return false;
}

} // namespace

Namespace::Namespace() {
  std::thread([this] {
    if (::unshare(CLONE_NEWNET) == 0) fd_ = open_own();
  }).join();
  if (!fd_) throw Error(Code::internal, "cannot make a network namespace");
}

void Namespace::in(const std::function<void()>& f) const {
  std::thread([&] {
    ASSERT_EQ(::setns(fd_.get(), CLONE_NEWNET), 0);
    f();
  }).join();
}

bool Seen::up(const std::string& link) const {
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strncpy(request.ifr_name, link.c_str(), IFNAMSIZ - 1);
  return ::ioctl(socket.get(), SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_UP) != 0;
}

Seen look() {
  Seen seen;
  struct if_nameindex* names = ::if_nameindex();
  for (auto* at = names; at != nullptr && at->if_index != 0; ++at)
    if (std::strcmp(at->if_name, "lo") != 0) seen.links.emplace_back(at->if_name);
  ::if_freenameindex(names);
  std::sort(seen.links.begin(), seen.links.end());
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) == 0) {
    for (auto* at = all; at != nullptr; at = at->ifa_next) {
      if (at->ifa_addr == nullptr || at->ifa_addr->sa_family != AF_INET || std::strcmp(at->ifa_name, "lo") == 0) continue;
      char text[INET_ADDRSTRLEN] = {};
      ::inet_ntop(AF_INET, &reinterpret_cast<sockaddr_in*>(at->ifa_addr)->sin_addr, text, sizeof text);
      seen.addresses.push_back(std::string(at->ifa_name) + " " + text);
    }
    ::freeifaddrs(all);
  }
  seen.default_route = has_default_route();
  return seen;
}

void NetworkSuite::SetUp() {
  driver_ = subject().network();
  links_before = look().links;
}

void NetworkSuite::TearDown() {
  if (!driver_) return;
  driver_->reconcile(call, {}, {});
  EXPECT_EQ(look().links, links_before) << "links are left behind";
}

void NetworkSuite::restart() {
  driver_.reset();
  driver_ = subject().network();
}

NetworkCreate NetworkSuite::network(const std::string& network_id, const std::string& subnet, const std::string& gateway) {
  NetworkCreate create;
  create.id = network_id;
  create.name = "net-" + network_id.substr(0, 4);
  create.pools = {{subnet, gateway}};
  create.options = subject().network_options;
  return create;
}

EndpointCreate NetworkSuite::endpoint(const std::string& endpoint_id, const std::string& address) {
  EndpointCreate create;
  create.network_id = id('a');
  create.endpoint_id = endpoint_id;
  create.addresses = {address};
  return create;
}

NetworkJoin NetworkSuite::into(const Namespace& netns, const std::string& endpoint_id, const std::string& interface) {
  NetworkJoin join;
  join.network_id = id('a');
  join.endpoint_id = endpoint_id;
  join.netns_fd = netns.fd();
  join.interface_hint = interface;
  join.default_route4 = true;
  return join;
}

} // namespace gantry::driver_test
