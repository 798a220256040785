// Debian's docker-compose (1.29) with an application of three services that find each other by name.
#include <gtest/gtest.h>

#include <fstream>

#include "support/daemon.hpp"
#include "support/need.hpp"
#include "support/net.hpp"
#include "support/rootfs.hpp"

namespace gantry::test {
namespace {

/// "front" answers what "middle" says, which asks "store"; store is in the back network only.
constexpr const char* application = R"(version: "3.7"
services:
  front:
    image: busybox
    command: ["sh", "-c", "mkdir -p /w/cgi-bin && printf '#!/bin/sh\necho; wget -q -O - http://middle:8000/cgi-bin/ask\n' >/w/cgi-bin/ask && chmod +x /w/cgi-bin/ask && exec httpd -f -h /w -p 80"]
    ports: ["8080:80"]
    depends_on: [middle]
    networks: [outer]
  middle:
    image: busybox
    command: ["sh", "-c", "mkdir -p /w/cgi-bin && printf '#!/bin/sh\necho; wget -q -O - http://db:6000/\n' >/w/cgi-bin/ask && chmod +x /w/cgi-bin/ask && exec httpd -f -h /w -p 8000"]
    depends_on: [store]
    networks: [outer, back]
  store:
    image: busybox
    command: ["sh", "-c", "mkdir -p /w; echo forty-two >/w/index.html; exec httpd -f -h /w -p 6000"]
    networks:
      back:
        aliases: [db]
        ipv4_address: 10.99.0.9
networks:
  outer:
  back:
    internal: true
    ipam:
      config:
        - subnet: 10.99.0.0/24
)";

class Compose : public testing::Test {
 protected:
  void SetUp() override {
    for (const auto& why : {need_root(), need_busybox(), need_network_tools()})
      if (!why.empty()) GTEST_SKIP() << why;
    if (shell("command -v docker-compose").code != 0) GTEST_SKIP() << "needs docker-compose";
    daemon.start();
    import_busybox(daemon);
    std::ofstream(daemon.dir() + "/docker-compose.yml") << application;
  }
  Output compose(std::vector<std::string> args) {
    args.insert(args.begin(), {"docker-compose", "-p", "app", "-f", daemon.dir() + "/docker-compose.yml"});
    CommandOptions options = daemon.client();
    options.deadline = std::chrono::seconds(120);
    return run(args, options);
  }
  static std::string answer() { return shell("curl -gsS -m 5 http://127.0.0.1:8080/cgi-bin/ask").out; }
  Daemon daemon;
};

TEST_F(Compose, an_application_of_three_services_finds_its_parts_by_name) {
  const Output up = compose({"up", "-d"});
  ASSERT_EQ(up.code, 0) << up.err;
  EXPECT_TRUE(eventually([] { return answer() == "forty-two\n"; }, std::chrono::seconds(30))) << answer();
  const Output ps = compose({"ps"});
  EXPECT_NE(ps.out.find("0.0.0.0:8080->80/tcp"), std::string::npos) << ps.out << ps.err;
  EXPECT_EQ(daemon.docker({"inspect", "-f", "{{(index .NetworkSettings.Networks \"app_back\").IPAddress}}", "app_store_1"}).out,
            "10.99.0.9\n");
  // The store cannot go out, and the front does not see it.
  EXPECT_NE(daemon.gantry({"exec", "app_front_1", "nslookup", "db", "127.0.0.11"}).code, 0);
  const Output again = compose({"up", "-d"});
  EXPECT_EQ(again.code, 0) << again.err;
  const Output down = compose({"down", "-t", "0"});
  EXPECT_EQ(down.code, 0) << down.err;
  EXPECT_EQ(daemon.gantry({"network", "ls", "--format", "{{.Name}}"}).out, "bridge\nhost\nnone\n");
}

TEST_F(Compose, recreated_services_keep_their_anonymous_volumes) {
  std::ofstream(daemon.dir() + "/docker-compose.yml") << R"(version: "3.7"
services:
  one:
    image: busybox
    command: ["sleep", "1000"]
    volumes: ["/anonymous"]
)";
  ASSERT_EQ(compose({"up", "-d"}).code, 0);
  EXPECT_EQ(daemon.docker({"exec", "app_one_1", "sh", "-c", "echo kept >/anonymous/f"}).code, 0);
  const Output again = compose({"up", "-d", "-t", "0", "--force-recreate"});
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(daemon.docker({"exec", "app_one_1", "cat", "/anonymous/f"}).out, "kept\n");
  EXPECT_EQ(compose({"down", "-v", "-t", "0"}).code, 0);
}

TEST_F(Compose, scaled_services_share_their_name) {
  ASSERT_EQ(compose({"up", "-d", "--scale", "middle=2"}).code, 0);
  const auto addresses = [&] {
    return daemon
        .gantry(
            {"exec", "app_front_1", "sh", "-c", "nslookup -type=a middle 127.0.0.11 | sed -n '/^Name/,$p' | grep -c ^Address"})
        .out;
  };
  EXPECT_TRUE(eventually([&] { return addresses() == "2\n"; })) << addresses();
  EXPECT_EQ(compose({"down", "-t", "0"}).code, 0);
}

} // namespace
} // namespace gantry::test
