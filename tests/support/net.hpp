#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "support/command.hpp"

namespace gantry::test {

/// Empty when the tools that stand in for other hosts are there (iproute2, util-linux, nft, curl, dig).
std::string need_network_tools();

/// A shell command in the test's own network namespace, which is the host of the daemon under test.
inline Output shell(const std::string& command) { return run({"/bin/sh", "-c", command}); }

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

/// Everything of the host's network that an engine could leave behind: links, addresses, routes, rules; one line each.
std::string network_state();

/// Deletes every bridge and every nftables table of the test's namespace.
void forget_networks();

} // namespace gantry::test
