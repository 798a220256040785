#include "containers/port_requests.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace gantry::test {
namespace {

using namespace gantry::containers;

std::string text(const std::vector<Port>& ports) {
  std::string all;
  for (const auto& p : ports) {
    all += p.host_ip + ":" + std::to_string(p.host_port);
    if (p.host_port_end != 0) all += "-" + std::to_string(p.host_port_end);
    all += "->" + std::to_string(p.container_port) + "/" + p.protocol + " ";
  }
  return all;
}

Container with(const std::string& key, std::vector<PortBinding> bindings) {
  Container container;
  container.host_config.port_bindings[key] = std::move(bindings);
  return container;
}

struct PortRow {
  std::string key;
  PortBinding binding;
  const char* wanted;
};

TEST(PortRequests, come_in_all_forms) {
  const std::vector<PortRow> rows{
      {"80/tcp", {"", "8080"}, "0.0.0.0:8080->80/tcp :::8080->80/tcp "},
      {"80", {"", ""}, "0.0.0.0:0->80/tcp :::0->80/tcp "},
      {"80/tcp/tcp", {"127.0.0.1", "1"}, "127.0.0.1:1->80/tcp "},
      {"80/", {"127.0.0.1", "1"}, "127.0.0.1:1->80/tcp "},
      {"53/UDP", {"127.0.0.1", "53"}, "127.0.0.1:53->53/udp "},
      {"80/tcp", {"", "8000-8010"}, "0.0.0.0:8000-8010->80/tcp :::8000-8010->80/tcp "},
      {"80-81/tcp", {"", "90-91"}, "0.0.0.0:90->80/tcp :::90->80/tcp 0.0.0.0:91->81/tcp :::91->81/tcp "},
  };
  for (const auto& row : rows) EXPECT_EQ(text(port_requests(with(row.key, {row.binding}), "0.0.0.0", true, false)), row.wanted);
}

TEST(PortRequests, without_an_address_are_for_both_families) {
  EXPECT_EQ(text(port_requests(with("80/tcp", {{"", "8080"}}), "0.0.0.0", true, true)), "0.0.0.0:8080->80/tcp :::8080->80/tcp ");
  EXPECT_EQ(text(port_requests(with("80/tcp", {{"", "8080"}}), "0.0.0.0", false, true)), ":::8080->80/tcp ");
  EXPECT_EQ(text(port_requests(with("80/tcp", {{"", "8080"}}), "192.0.2.1", true, true)), "192.0.2.1:8080->80/tcp ");
}

TEST(PortRequests, of_an_empty_list_are_one_port_that_is_chosen) {
  EXPECT_EQ(text(port_requests(with("80/tcp", {}), "0.0.0.0", true, false)), "0.0.0.0:0->80/tcp :::0->80/tcp ");
}

TEST(PortRequests, of_publish_all_are_the_exposed_ports_without_a_binding) {
  Container container = with("80/tcp", {{"", "8080"}});
  container.config.exposed_ports = {"80/tcp", "81/udp"};
  container.host_config.publish_all_ports = true;
  EXPECT_EQ(text(port_requests(container, "0.0.0.0", true, false)),
            "0.0.0.0:8080->80/tcp :::8080->80/tcp 0.0.0.0:0->81/udp :::0->81/udp ");
}

TEST(PortRequests, that_make_no_sense_are_invalid) {
  const std::vector<std::pair<std::string, PortBinding>> rows{
      {"80/icmp", {"", ""}}, {"0/tcp", {"", ""}},     {"x/tcp", {"", ""}},         {"80/tcp", {"nonsense", ""}},
      {"80/tcp", {"", "x"}}, {"80/tcp", {"", "9-8"}}, {"80-82/tcp", {"", "90-91"}}};
  for (const auto& [key, binding] : rows) {
    try {
      port_requests(with(key, {binding}), "0.0.0.0", true, false);
      ADD_FAILURE() << key << " " << binding.host_ip << " " << binding.host_port;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Code::invalid) << e.what();
    }
  }
}

} // namespace
} // namespace gantry::test
