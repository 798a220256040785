#include "ports/choose.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <random>
#include <set>

#include "net-common/sysctl.hpp"
#include "ports/sockets.hpp"

namespace gantry::net_bridge {

namespace {

/// More sockets than that are not kept: the ports are looked at and given up again.
constexpr std::size_t max_held = 256;

bool is_ipv6(const Port& port) { return port.host_ip.find(':') != std::string::npos; }
bool is_any(const Port& port) { return port.host_ip == "0.0.0.0" || port.host_ip == "::"; }

std::string place_of(const Port& port) {
  return (is_ipv6(port) ? "[" + port.host_ip + "]" : port.host_ip) + ":" + std::to_string(port.host_port);
}

std::uint32_t place_key(const Port& port) {
  const std::uint32_t protocol = port.protocol == "tcp" ? 0 : port.protocol == "udp" ? 1 : 2;
  return protocol << 17 | static_cast<std::uint32_t>(is_ipv6(port)) << 16 | port.host_port;
}

struct Ephemeral {
  unsigned first = 32768, last = 60999;
};

Ephemeral ephemeral_range() {
  Ephemeral range;
  unsigned first = 0, last = 0;
  if (std::sscanf(net::read_sysctl("net/ipv4/ip_local_port_range").c_str(), "%u %u", &first, &last) == 2 && first > 0 &&
      first <= last && last <= 65535)
    range = {first, last};
  return range;
}

/// Each search begins where the last one ended, so that a port is not given out again at once.
unsigned next_start(const Ephemeral& range) {
  static std::atomic<unsigned> cursor = std::random_device()();
  return range.first + cursor++ % (range.last - range.first + 1);
}

class Chooser {
 public:
  Chooser(PortTable& taken, const PortHolder& holder, std::vector<UniqueFd>& held, bool keep)
      : taken_(taken), holder_(holder), held_(held), keep_(keep) {}

  /// A port for all of the group, which differ in their host address only. `fixed` or one of `first` to `last`.
  void choose(std::vector<Port*>& group) {
    const Port& one = *group.front();
    if (one.host_port != 0 && one.host_port_end == 0) return take_fixed(group);
    Ephemeral range;
    if (one.host_port != 0) range = {one.host_port, one.host_port_end};
    const bool any = one.host_port == 0;
    if (any) range = ephemeral_range();
    const unsigned count = range.last - range.first + 1, start = any ? next_start(range) : range.first;
    for (unsigned i = 0; i < count; ++i) {
      const unsigned port = range.first + (start - range.first + i) % count;
      if (try_all(group, static_cast<std::uint16_t>(port))) return;
    }
    throw Error(Code::already_exists,
                "Bind for " + one.host_ip + " failed: all ports from " + std::to_string(range.first) + " to " +
                    std::to_string(range.last) + " are allocated",
                "port_in_use");
  }

 private:
  void take_fixed(std::vector<Port*>& group) {
    for (Port* port : group) {
      if (taken_.conflicts(*port))
        throw Error(Code::already_exists, "Bind for " + place_of(*port) + " failed: port is already allocated", "port_in_use");
      int error = 0;
      UniqueFd fd = hold(*port, error);
      if (error != 0) refuse(*port, error);
      settle(*port, std::move(fd));
    }
  }

  [[noreturn]] static void refuse(const Port& port, int error) {
    const bool in_use = error == EADDRINUSE;
    std::string why = in_use                   ? "address already in use"
                      : error == EADDRNOTAVAIL ? "cannot assign requested address"
                                               : std::strerror(error);
    throw Error(in_use ? Code::already_exists : Code::failed_precondition,
                "failed to bind host port for " + place_of(port) + "/" + port.protocol + ": " + why, "port_in_use", error);
  }

  bool try_all(std::vector<Port*>& group, std::uint16_t number) {
    std::vector<UniqueFd> fds;
    for (Port* port : group) {
      Port trial = *port;
      trial.host_port = number;
      trial.host_port_end = 0;
      if (taken_.conflicts(trial)) return false;
      int error = 0;
      fds.push_back(hold(trial, error));
      if (error == EADDRINUSE) return false;
      if (error != 0) refuse(trial, error);
    }
    for (std::size_t i = 0; i < group.size(); ++i) {
      group[i]->host_port = number;
      settle(*group[i], std::move(fds[i]));
    }
    return true;
  }

  /// Nothing where no socket of the host can be in the way and none is to be kept; whether the host has the address is found
  /// out with the first port.
  UniqueFd hold(const Port& port, int& error) {
    error = 0;
    const bool first = tried_.insert(port.host_ip).second;
    if (!keep_ && !first && !sockets_.maybe_taken(port)) return UniqueFd();
    return holder_.hold(port, error);
  }

  void settle(Port& port, UniqueFd fd) {
    port.host_port_end = 0;
    taken_.add(port);
    if (fd && keep_) held_.push_back(std::move(fd));
  }

  PortTable& taken_;
  const PortHolder& holder_;
  std::vector<UniqueFd>& held_;
  bool keep_;
  SocketPorts sockets_;
  std::set<std::string> tried_; ///< host addresses
};

/// "0.0.0.0" and "::" of one container port, which are to get the same host port.
bool belongs_to(const Port& port, const Port& first) {
  return port.protocol == first.protocol && port.container_port == first.container_port && port.host_port == first.host_port &&
         port.host_port_end == first.host_port_end && is_any(port) && is_any(first) && is_ipv6(port) != is_ipv6(first);
}

/// What is there already, by what does not change: a container's port is looked for among its own.
class Before {
 public:
  explicit Before(const std::vector<Port>& ports) {
    for (const Port& port : ports) ports_[port.container_port].push_back(&port);
  }
  /// The one that `wanted` may stay, or null.
  const Port* find(const Port& wanted) const {
    const auto found = ports_.find(wanted.container_port);
    if (found == ports_.end()) return nullptr;
    const unsigned last = wanted.host_port_end == 0 ? wanted.host_port : wanted.host_port_end;
    for (const Port* port : found->second) {
      const bool fits = wanted.host_port == 0 || (port->host_port >= wanted.host_port && port->host_port <= last);
      if (fits && port->protocol == wanted.protocol && port->host_ip == wanted.host_ip) return port;
    }
    return nullptr;
  }

 private:
  std::unordered_map<std::uint16_t, std::vector<const Port*>> ports_;
};

} // namespace

void PortTable::add(const std::vector<Port>& ports) {
  for (const auto& port : ports) add(port);
}

void PortTable::add(const Port& port) {
  if (is_any(port))
    everywhere_->set(place_key(port));
  else
    addresses_[place_key(port)].push_back(port.host_ip);
}

bool PortTable::conflicts(const Port& port) const {
  const std::uint32_t key = place_key(port);
  if (everywhere_->test(key)) return true;
  const auto found = addresses_.find(key);
  if (found == addresses_.end()) return false;
  return is_any(port) || std::find(found->second.begin(), found->second.end(), port.host_ip) != found->second.end();
}

void check_ports(const std::vector<Port>& ports, const PublishedTarget& target, bool relay) {
  Ways ways(target);
  for (const auto& port : ports) {
    if (port.protocol != "tcp" && port.protocol != "udp" && port.protocol != "sctp")
      throw Error(Code::invalid, "invalid protocol \"" + port.protocol + "\": tcp, udp or sctp is expected");
    if (port.container_port == 0) throw Error(Code::invalid, "port 0 cannot be published");
    if (port.host_port_end != 0 && port.host_port_end < port.host_port)
      throw Error(Code::invalid,
                  "invalid range of host ports: " + std::to_string(port.host_port) + "-" + std::to_string(port.host_port_end));
    const Way& way = ways.to(port);
    if (way.direct != nullptr || (way.relayed && relay)) continue;
    const bool loopback = port.host_ip == "::1";
    throw Error(Code::invalid, "cannot publish on " + port.host_ip +
                                   (loopback ? ": only tcp and udp can, where the host has IPv6"
                                             : ": the container has no address of that family"));
  }
}

std::vector<Port> without_twins(std::vector<Port> ports, const PublishedTarget& target, bool relay) {
  const bool ipv4 = std::any_of(target.addresses.begin(), target.addresses.end(),
                                [](const net::IpAddress& address) { return address.family == AF_INET; });
  Ways ways(target);
  std::vector<Port> kept;
  kept.reserve(ports.size());
  for (Port& port : ports) {
    const bool twin = ipv4 && port.host_ip == "::" && !kept.empty() && belongs_to(port, kept.back());
    if (twin) {
      const Way& way = ways.to(port);
      if (way.direct == nullptr && !(way.relayed && relay)) continue;
    }
    kept.push_back(std::move(port));
  }
  return kept;
}

std::vector<Port> choose_ports(std::vector<Port> wanted, const std::vector<Port>& before, PortTable& taken,
                               const PortHolder& holder, std::vector<UniqueFd>& held) {
  std::vector<Port> chosen = std::move(wanted);
  std::vector<Port*> open;
  const Before kept_ports(before);
  for (auto& port : chosen) {
    if (const Port* kept = kept_ports.find(port)) {
      port = *kept;
      taken.add(port);
    } else {
      open.push_back(&port);
    }
  }
  Chooser chooser(taken, holder, held, open.size() <= max_held);
  std::vector<Port*> group;
  for (std::size_t i = 0; i < open.size();) {
    group.assign(1, open[i++]);
    while (i < open.size() && belongs_to(*open[i], *group.front())) group.push_back(open[i++]);
    chooser.choose(group);
  }
  return chosen;
}

} // namespace gantry::net_bridge
