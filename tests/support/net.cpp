#include "support/net.hpp"

namespace gantry::test {

std::string need_network_tools() {
  for (const char* tool : {"ip", "nft", "nsenter", "unshare", "curl", "dig", "python3"}) {
    if (run({"/bin/sh", "-c", std::string("command -v ") + tool}).code != 0) return std::string("needs ") + tool;
  }
  return "";
}

const Family ipv4{"IPv4", "192.0.2.1", "192.0.2.2", "172.17.0.1", "ip", {}};
const Family ipv6{"IPv6", "2001:db8::1", "2001:db8::2", "fd00:6::1", "ip6", {"--network", "six"}};

OtherHost::OtherHost() {
  holder_ = std::make_unique<Command>(std::vector<std::string>{"unshare", "-n", "/bin/sh", "-c", "echo ready; exec sleep 600"},
                                      CommandOptions{"", {}, std::chrono::seconds(600)});
  if (!holder_->wait_for_output("ready")) ADD_FAILURE() << "no other host";
  const std::string pid = std::to_string(holder_->pid());
  const Output made = test::shell(
      "set -e; ip link add cable type veth peer name eth0 netns " + pid +
      "; ip address add 192.0.2.1/24 dev cable; ip address add 2001:db8::1/64 dev cable nodad; ip link set cable up; nsenter "
      "-t " +
      pid +
      " -n sh -c 'set -e; ip link set lo up; ip address add 192.0.2.2/24 dev eth0; ip address add 2001:db8::2/64 dev eth0 nodad;"
      " ip link set eth0 up; ip route add default via 192.0.2.1; ip route add default via 2001:db8::1'");
  EXPECT_EQ(made.code, 0) << made.err;
}

OtherHost::~OtherHost() { test::shell("ip link delete cable"); }

std::vector<std::string> OtherHost::argv(const std::string& command) const {
  return {"nsenter", "-t", std::to_string(holder_->pid()), "-n", "/bin/sh", "-c", command};
}

Output OtherHost::shell(const std::string& command, CommandOptions options) const { return run(argv(command), options); }

std::string network_state() {
  return shell(
             "ip -o link | sed 's/^[0-9]*: //; s/@.*//; s/:.*//' | sort; ip -o address | awk '{print $2, $4}' | sort; ip route | "
             "sed 's/ linkdown//; s/ *$//'; "
             "nft list ruleset | sed '/^\tchain relay/,/^\t}/d'")
      .out;
}

void forget_networks() {
  shell("nft flush ruleset; for l in $(ip -o link show type bridge | cut -d: -f2); do ip link delete $l; done");
}

} // namespace gantry::test
