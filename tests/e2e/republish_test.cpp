// Ports of a running container that come and go.
#include <gtest/gtest.h>

#include <sstream>

#include "support/daemon.hpp"
#include "support/need.hpp"
#include "support/net.hpp"
#include "support/rootfs.hpp"

namespace gantry::test {
namespace {

class Republish : public testing::Test {
 protected:
  void SetUp() override {
    for (const auto& why : {need_root(), need_busybox(), need_network_tools()})
      if (!why.empty()) GTEST_SKIP() << why;
    daemon.start();
    import_busybox(daemon);
  }
  void TearDown() override {
    if (daemon.pid() < 0) return;
    const Output ids = gantry({"ps", "-aq"});
    std::istringstream lines(ids.out);
    for (std::string id; std::getline(lines, id);) gantry({"rm", "-f", id});
    daemon.terminate();
    forget_networks();
  }
  Output gantry(std::vector<std::string> args) { return daemon.gantry(std::move(args)); }
  void ok(std::vector<std::string> args) {
    const Output o = daemon.gantry(args);
    EXPECT_EQ(o.code, 0) << args[0] << " " << args[1] << ": " << o.err;
  }
  void fails(std::vector<std::string> args, const std::string& text) {
    const Output o = gantry(args);
    EXPECT_NE(o.code, 0) << args.back();
    EXPECT_NE(o.err.find(text), std::string::npos) << o.err << "\nexpected: " << text;
  }
  void serve(const std::string& name, std::vector<std::string> options) {
    std::vector<std::string> args{"run", "-d", "--name", name};
    args.insert(args.end(), options.begin(), options.end());
    for (const char* word : {"busybox", "sh", "-c"}) args.emplace_back(word);
    args.push_back("mkdir -p /w; echo " + name + " >/w/index.html; exec httpd -f -h /w -p 80");
    ok(args);
  }
  static bool served(const std::string& port, const std::string& text) {
    return eventually([&] { return shell("curl -sS -m 5 http://127.0.0.1:" + port).out == text + "\n"; });
  }
  static bool refused(const std::string& port) { return shell("curl -sS -m 5 http://127.0.0.1:" + port).code == 7; }
  std::string pid(const std::string& name) { return gantry({"inspect", "-f", "{{.State.Pid}}", name}).out; }
  Daemon daemon;
};

TEST_F(Republish, ports_come_and_go_without_a_restart) {
  serve("web", {"-p", "8080:80"});
  EXPECT_TRUE(served("8080", "web"));
  const std::string before = pid("web");
  ok({"update", "--publish-add", "8081:80", "--publish-add", "127.0.0.1:8082:80", "web"});
  for (const char* port : {"8080", "8081", "8082"}) EXPECT_TRUE(served(port, "web")) << port;
  EXPECT_EQ(daemon.docker({"port", "web"}).out, "80/tcp -> 0.0.0.0:8080\n80/tcp -> 0.0.0.0:8081\n80/tcp -> 127.0.0.1:8082\n");
  EXPECT_NE(daemon.docker({"ps", "--format", "{{.Ports}}"})
                .out.find("0.0.0.0:8080->80/tcp, 0.0.0.0:8081->80/tcp, 127.0.0.1:8082->80/tcp"),
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
  EXPECT_EQ(daemon.docker({"port", "web"}).out, "80/tcp -> 0.0.0.0:8080\n");
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
  EXPECT_EQ(daemon.docker({"port", "web"}).out, "80/tcp -> 0.0.0.0:8080\n");
}

TEST_F(Republish, what_was_left_to_the_engine_stays_where_it_is) {
  serve("web", {"-p", "80"});
  const std::string first = gantry({"port", "web", "80"}).out;
  ok({"update", "--publish-add", "8081:80", "web"});
  EXPECT_NE(gantry({"port", "web", "80"}).out.find(first), std::string::npos) << first;
  const std::string port = first.substr(first.rfind(':') + 1, first.size() - first.rfind(':') - 2);
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

} // namespace
} // namespace gantry::test
