#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "support/command.hpp"

namespace gantry::test {

/// Empty when the tools that stand in for other hosts are there (iproute2, util-linux, nft, curl, dig).
std::string need_network_tools();

/// A shell command in the test's own network namespace, which is the host of the daemon under test.
inline Output shell(const std::string& command) { return run({"/bin/sh", "-c", command}); }

/// What tests of both families say differently; a parameter of theirs.
struct Family {
  const char *name, *host, *other;  ///< addresses of the test's host and of the other one
  const char* gateway;              ///< of the network below
  const char* match;                ///< "ip" or "ip6", of nftables
  std::vector<std::string> network; ///< that run takes: containers have an address of the family and the gateway

  bool ipv6() const { return name[3] == '6'; }
  /// "192.0.2.2:81" and "[2001:db8::2]:81", "192.0.2.0/24:81" and "[2001:db8::/64]:81".
  std::string at(const std::string& address, const std::string& port) const {
    return ipv6() ? "[" + address + "]:" + port : address + ":" + port;
  }
};
extern const Family ipv4, ipv6;
inline void PrintTo(const Family& family, std::ostream* out) { *out << family.name; }

/// Another machine on a cable to the test's host: the host has 192.0.2.1 and 2001:db8::1, this one 192.0.2.2 and 2001:db8::2.
class OtherHost {
 public:
  OtherHost();
  ~OtherHost();
  OtherHost(const OtherHost&) = delete;
  OtherHost& operator=(const OtherHost&) = delete;
  Output shell(const std::string& command, CommandOptions options = {}) const;
  /// For what goes on while the test does.
  std::vector<std::string> argv(const std::string& command) const;

 private:
  std::unique_ptr<Command> holder_;
};

/// Everything of the host's network that an engine could leave behind: links, addresses, routes, rules; one line each. Not the
/// rules that lead to gantry-relay: they and it stay from the first port that needs them until the engine ends.
std::string network_state();

/// Deletes every bridge and every nftables table of the test's namespace.
void forget_networks();

} // namespace gantry::test
