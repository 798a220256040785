// Ports of a running container that come and go.
#include <gtest/gtest.h>

#include "support/network_fixture.hpp"

namespace gantry::test {
namespace {

class Republish : public NetworkFixture {
 protected:
  static bool served(const std::string& port, const std::string& name) {
    return NetworkFixture::served("http://127.0.0.1:" + port, name);
  }
  static bool refused(const std::string& port) { return NetworkFixture::refused("http://127.0.0.1:" + port); }
  std::string pid(const std::string& name) const { return inspect(name, "{{.State.Pid}}"); }
};

TEST_F(Republish, ports_come_and_go_without_a_restart) {
  serve("web", {"-p", "8080:80"});
  EXPECT_TRUE(served("8080", "web"));
  const std::string before = pid("web");
  ok({"update", "--publish-add", "8081:80", "--publish-add", "127.0.0.1:8082:80", "web"});
  for (const char* port : {"8080", "8081", "8082"}) EXPECT_TRUE(served(port, "web")) << port;
  EXPECT_EQ(
      daemon.docker({"port", "web"}).out,
      "80/tcp -> 0.0.0.0:8080\n80/tcp -> 0.0.0.0:8081\n80/tcp -> 127.0.0.1:8082\n80/tcp -> [::]:8080\n80/tcp -> [::]:8081\n");
  EXPECT_NE(
      daemon.docker({"ps", "--format", "{{.Ports}}"})
          .out.find("0.0.0.0:8080->80/tcp, 0.0.0.0:8081->80/tcp, 127.0.0.1:8082->80/tcp, [::]:8080->80/tcp, [::]:8081->80/tcp"),
      std::string::npos)
      << daemon.docker({"ps", "--format", "{{.Ports}}"}).out;
  ok({"update", "--publish-rm", "8080:80", "web"});
  EXPECT_TRUE(refused("8080"));
  EXPECT_TRUE(served("8081", "web"));
  // One that goes makes room for one that comes.
  ok({"update", "--publish-rm", "80", "--publish-add", "8080:80", "web"});
  EXPECT_TRUE(served("8080", "web"));
  EXPECT_TRUE(refused("8081"));
  EXPECT_EQ(pid("web"), before);
  EXPECT_EQ(daemon.docker({"port", "web"}).out, "80/tcp -> 0.0.0.0:8080\n80/tcp -> [::]:8080\n");
  const Output events = gantry({"events", "--since", "1h", "--until", "0s", "--filter", "event=update"});
  EXPECT_NE(events.out.find("container update"), std::string::npos) << events.out << events.err;
}

TEST_F(Republish, a_port_that_is_taken_changes_nothing) {
  serve("other", {"-p", "8085:80"});
  serve("web", {"-p", "8080:80"});
  fails({"update", "--publish-rm", "8080:80", "--publish-add", "8085:80", "web"},
        "Bind for 0.0.0.0:8085 failed: port is already allocated");
  EXPECT_TRUE(served("8080", "web"));
  EXPECT_TRUE(served("8085", "other"));
  fails({"update", "--publish-rm", "8081:80", "web"}, "port 80/tcp of the container is not published at 8081");
  fails({"update", "--publish-add", "8080:80", "web"}, "is published at 8080 already");
  EXPECT_EQ(daemon.docker({"port", "web"}).out, "80/tcp -> 0.0.0.0:8080\n80/tcp -> [::]:8080\n");
}

TEST_F(Republish, what_was_left_to_the_engine_stays_where_it_is) {
  serve("web", {"-p", "80"});
  const std::string first = gantry({"port", "web", "80"}).out;
  ok({"update", "--publish-add", "8081:80", "web"});
  const std::string port = first.substr(first.rfind(':') + 1, first.size() - first.rfind(':') - 2);
  for (const char* ip : {"0.0.0.0:", "[::]:"})
    EXPECT_NE(gantry({"port", "web", "80"}).out.find(ip + port + "\n"), std::string::npos) << ip << port;
  ok({"update", "--publish-rm", port + ":80", "web"});
  EXPECT_TRUE(refused(port));
  EXPECT_TRUE(served("8081", "web"));
}

TEST_F(Republish, survives_the_daemon_and_the_container) {
  serve("web", {});
  ok({"update", "--publish-add", "8080:80", "web"});
  EXPECT_TRUE(served("8080", "web"));
  daemon.kill();
  EXPECT_TRUE(served("8080", "web"));
  daemon.start();
  EXPECT_TRUE(served("8080", "web"));
  ok({"restart", "-t", "0", "web"});
  EXPECT_TRUE(served("8080", "web"));
  ok({"stop", "-t", "0", "web"});
  ok({"update", "--publish-rm", "8080:80", "--publish-add", "8089:80", "web"});
  ok({"start", "web"});
  EXPECT_TRUE(served("8089", "web"));
  EXPECT_TRUE(refused("8080"));
}

TEST_F(Republish, a_range_of_ten_thousand_ports_is_one_element) {
  const auto elements = [] { return shell("nft list ruleset | grep -c '30000-39999'").out; };
  start(
      "web", {"-p", "30000-39999:30000-39999", "-p", "30000-30099:30000-30099/udp"},
      "mkdir /w; echo web >/w/index.html; for p in 30000 35000 39998; do httpd -h /w -p $p; done; exec httpd -f -h /w -p 39999");
  EXPECT_EQ(elements(), "2\n"); // one of each family
  for (const char* port : {"30000", "35000", "39999"}) EXPECT_TRUE(served(port, "web")) << port;
  EXPECT_TRUE(refused("40000"));
  EXPECT_EQ(in("web", "wget -q -O - http://172.17.0.1:35000"), "web\n");
  fails({"run", "--rm", "-p", "39999:80", "busybox", "true"}, "Bind for 0.0.0.0:39999 failed: port is already allocated");
  // A hole, and the range survives the engine.
  ok({"update", "--publish-rm", "35000:35000", "web"});
  EXPECT_TRUE(refused("35000"));
  EXPECT_TRUE(served("39999", "web"));
  daemon.kill();
  daemon.start();
  for (const char* port : {"30000", "39998"}) EXPECT_TRUE(served(port, "web")) << port;
  EXPECT_TRUE(refused("35000"));
  ok({"update", "--publish-add", "35000:35000", "web"});
  EXPECT_TRUE(served("35000", "web"));
  EXPECT_EQ(elements(), "2\n"); // one of each family
  EXPECT_EQ(gantry({"port", "web", "36000"}).out, "0.0.0.0:36000\n[::]:36000\n");
  // A program of the host in the middle of a range is found.
  ok({"rm", "-f", "web"});
  Command server({"python3", "-c", "import socket; s = socket.create_server((\"127.0.0.1\", 34567)); s.accept()"},
                 CommandOptions{"", {}, std::chrono::seconds(60)});
  ASSERT_TRUE(
      eventually([] { return shell("ss -Hltn sport = :34567 | grep -q . || grep -qi ':8707 ' /proc/net/tcp").code == 0; }));
  fails({"run", "--rm", "-p", "30000-39999:30000-39999", "busybox", "true"},
        "failed to bind host port for 0.0.0.0:34567/tcp: address already in use");
}

} // namespace
} // namespace gantry::test
