#include "cli/commands/container/ports.hpp"

#include <gtest/gtest.h>

#include "invocation.hpp"

namespace gantry::cli::test {
namespace {

TEST(Ports, publish_values_become_bindings) {
  const struct {
    const char *text, *bindings;
  } rows[] = {
      {"80", R"({"80/tcp":[{"HostIp":"","HostPort":""}]})"},
      {"8080:80", R"({"80/tcp":[{"HostIp":"","HostPort":"8080"}]})"},
      {"127.0.0.1:8000-8001:90-91/udp",
       R"({"90/udp":[{"HostIp":"127.0.0.1","HostPort":"8000"}],"91/udp":[{"HostIp":"127.0.0.1","HostPort":"8001"}]})"},
      {"8000-8010:80", R"({"80/tcp":[{"HostIp":"","HostPort":"8000-8010"}]})"},
      {"[::1]::82", R"({"82/tcp":[{"HostIp":"::1","HostPort":""}]})"},
      {"target=83,published=8083,protocol=udp", R"({"83/udp":[{"HostIp":"","HostPort":"8083"}]})"},
  };
  for (const auto& row : rows) {
    const Ports ports = parse_ports({row.text}, {});
    EXPECT_EQ(ports.bindings, Json::parse(row.bindings)) << row.text;
    EXPECT_EQ(ports.exposed.size(), ports.bindings.size());
  }
  EXPECT_EQ(parse_ports({}, {"99", "100-101/udp"}).exposed, Json::parse(R"({"99/tcp":{},"100/udp":{},"101/udp":{}})"));
}

TEST(Ports, wrong_values_are_named) {
  const struct {
    const char *text, *says;
  } rows[] = {{"99999:80", "invalid hostPort: 99999"},
              {"a:b", "invalid containerPort: b"},
              {"80/foo", "invalid proto: foo"},
              {"1.2.3:80:80", "invalid IP address: 1.2.3"},
              {"80-81:80-82", "invalid ranges specified for container and host Ports: 80-82 and 80-81"}};
  for (const auto& row : rows) EXPECT_EQ(message_of([&row] { parse_ports({row.text}, {}); }), row.says) << row.text;
}

} // namespace
} // namespace gantry::cli::test
