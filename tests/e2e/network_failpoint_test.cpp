// The daemon dies (SIGKILL) or fails at every named point of what happens to networks and to containers in them: nothing of the
// host's network is left behind, and what the next daemon tells is what is.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "containers/failpoints.hpp"
#include "networks/failpoints.hpp"
#include "support/network_fixture.hpp"

namespace gantry::test {
namespace {

class NetworkFailpoint : public NetworkFixture, public testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    NetworkFixture::SetUp();
    if (IsSkipped()) return;
    ok({"run", "--rm", "busybox", "true"}); // the bridge and the table are there from here on
    before = settled_state();
  }
  Output gantry(std::vector<std::string> args) const {
    CommandOptions options;
    options.deadline = std::chrono::seconds(20);
    return daemon.gantry(std::move(args), options);
  }
  /// Passes every failpoint once.
  void live_a_life() const {
    gantry({"network", "create", "--ipv6", "--subnet", "10.5.0.0/24", "--egress", "192.0.2.0/24", "lan"});
    gantry({"network", "create", "wan"});
    // A stop signal that does nothing, so that stop has to kill.
    gantry({"create", "--name", "box", "--network", "lan", "-p", "8080:80", "-p", "9000-9099:9000-9099/udp", "--egress",
            "192.0.2.0/28", "--stop-signal", "SIGCHLD", "busybox", "sleep", "1000"});
    gantry({"start", "box"});
    gantry({"network", "connect", "wan", "box"});
    gantry({"update", "--publish-add", "8081:80", "--publish-rm", "8080:80", "--egress", "none", "--pids-limit", "10", "box"});
    gantry({"network", "disconnect", "wan", "box"});
    gantry({"stop", "-t", "0", "box"});
    gantry({"rm", "-v", "box"});
    gantry({"network", "rm", "lan", "wan"});
  }
  bool daemon_is_alive() const { return gantry({"version"}).code == 0; }
  /// What is published is open, and nothing else.
  void expect_told_ports_are_open() const {
    const std::string told = gantry({"port", "box"}).out, open = shell("nft list ruleset").out;
    for (const char* port : {"8080", "8081"})
      EXPECT_EQ(told.find(std::string(":") + port) != std::string::npos,
                open.find(std::string("tcp . ") + port) != std::string::npos)
          << port << "\n"
          << told << open;
  }
  /// Network namespaces that the engine's own processes hold open, besides links, addresses, routes and rules.
  std::string settled_state() const {
    EXPECT_TRUE(eventually([] { return shell("ip -o link show type veth").out.empty(); }))
        << shell("ip -o link show type veth").out;
    const std::string held = shell("ls -l /proc/" + std::to_string(daemon.pid()) + "/fd | grep -c 'net:\\['; ip netns list").out;
    return network_state() + held;
  }
  void expect_nothing_left() const {
    const std::string state = gantry({"ps", "-a", "--format", "{{.State}}"}).out;
    if (state == "running\n") {
      expect_told_ports_are_open();
      EXPECT_EQ(gantry({"exec", "box", "ip", "link", "show", "eth0"}).code, 0);
    }
    if (!state.empty()) ok({"rm", "-f", "-v", "box"});
    std::istringstream networks(gantry({"network", "ls", "-q", "-f", "type=custom"}).out);
    for (std::string id; std::getline(networks, id);) EXPECT_EQ(gantry({"network", "rm", id}).code, 0) << id;
    EXPECT_TRUE(eventually([&] { return settled_state() == before; })) << settled_state() << "\nbefore:\n" << before;
    // Names, addresses and ports can be had again.
    ok({"network", "create", "--subnet", "10.5.0.0/24", "lan"});
    for (const char* port : {"8080", "8081"})
      ok({"run", "--rm", "--name", "box", "--network", "lan", "--ip", "10.5.0.2", "-p", std::string(port) + ":80", "busybox",
          "true"});
    ok({"network", "rm", "lan"});
  }
  std::string before;
};

TEST_P(NetworkFailpoint, a_killed_daemon_leaks_nothing) {
  daemon.kill();
  daemon.start({{"GANTRY_FAILPOINTS", std::string(GetParam()) + "=kill"}});
  live_a_life();
  ASSERT_FALSE(daemon_is_alive()) << "the failpoint was never passed";
  daemon.wait_exit();
  daemon.start();
  expect_nothing_left();
}

TEST_P(NetworkFailpoint, an_error_there_leaks_nothing) {
  daemon.terminate();
  daemon.start({{"GANTRY_FAILPOINTS", std::string(GetParam()) + "=error"}});
  live_a_life();
  ASSERT_TRUE(daemon_is_alive()) << daemon.log();
  daemon.terminate();
  daemon.start();
  expect_nothing_left();
}

std::string name_of(const testing::TestParamInfo<const char*>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

/// Those of a container's life at which its network comes or goes.
std::vector<const char*> of_containers() {
  std::vector<const char*> points;
  for (const std::string_view point : containers::failpoints) {
    const auto begins = [&](const char* verb) { return point.starts_with(verb); };
    if (begins("start.") || begins("exit.") || begins("stop.") || begins("remove.") || point == "update.after_store")
      points.push_back(point.data());
  }
  return points;
}

INSTANTIATE_TEST_SUITE_P(Network, NetworkFailpoint, testing::ValuesIn(networks::failpoints), name_of);
INSTANTIATE_TEST_SUITE_P(Container, NetworkFailpoint, testing::ValuesIn(of_containers()), name_of);

} // namespace
} // namespace gantry::test
