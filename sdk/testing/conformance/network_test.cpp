#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

#include "conformance/network_suite.hpp"

// Every case runs in a network namespace of its own, which is the host of the driver under test.
namespace gantry::driver_test {

namespace {

using Networks = NetworkSuite;

/// A driver may take its time to give an interface back to the kernel.
template <class F>
bool soon(F holds) {
  for (int i = 0; i < 2000 && !holds(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  return holds();
}

bool contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

TEST_F(Networks, a_joined_endpoint_is_an_interface_with_its_address) {
  const Namespace container;
  driver().create_network(call, network(id('a')));
  const Endpoint made = driver().create_endpoint(call, endpoint(id('1')));
  EXPECT_FALSE(made.mac.empty());
  EXPECT_EQ(made.addresses, std::vector<std::string>{"10.77.0.2/24"});
  const Joined joined = driver().join(call, into(container, id('1')));
  EXPECT_EQ(joined.interface, "eth0");
  EXPECT_FALSE(joined.routes.empty());
  container.in([] {
    const Seen seen = look();
    EXPECT_TRUE(contains(seen.links, "eth0"));
    EXPECT_TRUE(seen.up("eth0"));
    EXPECT_TRUE(contains(seen.addresses, "eth0 10.77.0.2"));
    EXPECT_TRUE(seen.default_route);
  });
}

TEST_F(Networks, the_callers_thread_stays_in_its_namespace) {
  const Namespace container;
  const auto before = look().links;
  driver().create_network(call, network(id('a')));
  driver().create_endpoint(call, endpoint(id('1')));
  driver().join(call, into(container, id('1')));
  EXPECT_FALSE(contains(look().links, "eth0"));
}

TEST_F(Networks, leave_takes_the_interface_away_and_can_be_repeated) {
  const Namespace container;
  driver().create_network(call, network(id('a')));
  const auto before = look().links;
  driver().create_endpoint(call, endpoint(id('1')));
  driver().join(call, into(container, id('1')));
  driver().leave(call, id('a'), id('1'));
  driver().leave(call, id('a'), id('1'));
  EXPECT_TRUE(soon([&] { return look().links == before; }));
  container.in([] { EXPECT_FALSE(contains(look().links, "eth0")); });
  driver().delete_endpoint(call, id('a'), id('1'));
  driver().delete_endpoint(call, id('a'), id('1'));
}

TEST_F(Networks, an_endpoint_can_join_again_after_it_left) {
  const Namespace first, second;
  driver().create_network(call, network(id('a')));
  driver().create_endpoint(call, endpoint(id('1')));
  driver().join(call, into(first, id('1')));
  driver().leave(call, id('a'), id('1'));
  driver().join(call, into(second, id('1'), "eth3"));
  second.in([] { EXPECT_TRUE(contains(look().addresses, "eth3 10.77.0.2")); });
}

TEST_F(Networks, joining_once_more_only_moves_the_default_route) {
  const Namespace container;
  driver().create_network(call, network(id('a')));
  driver().create_endpoint(call, endpoint(id('1')));
  NetworkJoin join = into(container, id('1'));
  driver().join(call, join);
  join.default_route4 = false;
  driver().join(call, join);
  container.in([] {
    EXPECT_FALSE(look().default_route);
    EXPECT_TRUE(contains(look().addresses, "eth0 10.77.0.2"));
  });
  join.default_route4 = true;
  driver().join(call, join);
  container.in([] { EXPECT_TRUE(look().default_route); });
}

TEST_F(Networks, a_namespace_that_is_gone_can_be_left) {
  driver().create_network(call, network(id('a')));
  const auto before = look().links;
  driver().create_endpoint(call, endpoint(id('1')));
  {
    const Namespace container;
    driver().join(call, into(container, id('1')));
  }
  driver().leave(call, id('a'), id('1'));
  driver().delete_endpoint(call, id('a'), id('1'));
  driver().delete_network(call, id('a'));
}

TEST_F(Networks, creating_twice_is_creating_once) {
  driver().create_network(call, network(id('a')));
  const auto links = look().links;
  driver().create_network(call, network(id('a')));
  EXPECT_EQ(look().links, links);
  const Endpoint first = driver().create_endpoint(call, endpoint(id('1')));
  const Endpoint second = driver().create_endpoint(call, endpoint(id('1')));
  EXPECT_EQ(first.mac, second.mac);
}

TEST_F(Networks, a_network_in_use_is_not_deleted) {
  driver().create_network(call, network(id('a')));
  driver().create_endpoint(call, endpoint(id('1')));
  EXPECT_FAILS(driver().delete_network(call, id('a')), Code::in_use);
  driver().delete_endpoint(call, id('a'), id('1'));
  driver().delete_network(call, id('a'));
  driver().delete_network(call, id('a'));
}

TEST_F(Networks, an_address_is_given_to_one_endpoint_only) {
  driver().create_network(call, network(id('a')));
  driver().create_endpoint(call, endpoint(id('1')));
  EXPECT_FAILS(driver().create_endpoint(call, endpoint(id('2'))), Code::already_exists);
}

TEST_F(Networks, what_is_missing_is_not_found) {
  const Namespace container;
  EXPECT_FAILS(driver().create_endpoint(call, endpoint(id('1'))), Code::not_found);
  driver().create_network(call, network(id('a')));
  EXPECT_FAILS(driver().join(call, into(container, id('1'))), Code::not_found);
}

TEST_F(Networks, bad_requests_are_invalid) {
  EXPECT_FAILS(driver().create_network(call, network(id('a'), "10.77.0.0/33")), Code::invalid);
  EXPECT_FAILS(driver().create_network(call, network(id('a'), "nonsense")), Code::invalid);
  EXPECT_FAILS(driver().create_network(call, network(id('a'), "10.77.0.0/24", "10.78.0.1")), Code::invalid);
  driver().create_network(call, network(id('a')));
  EXPECT_FAILS(driver().create_endpoint(call, endpoint(id('1'), "10.77.0.2/99")), Code::invalid);
}

TEST_F(Networks, reconcile_deletes_what_nobody_knows_after_a_restart) {
  const Namespace live;
  auto orphan = std::make_unique<Namespace>();
  driver().create_network(call, network(id('a')));
  driver().create_network(call, network(id('b'), "10.78.0.0/24", "10.78.0.1"));
  driver().create_endpoint(call, endpoint(id('1')));
  driver().create_endpoint(call, endpoint(id('2'), "10.77.0.3/24"));
  driver().join(call, into(live, id('1')));
  driver().join(call, into(*orphan, id('2')));
  orphan.reset(); // its container ended while no engine ran
  restart();
  driver().create_network(call, network(id('a')));
  driver().create_endpoint(call, endpoint(id('1')));
  driver().join(call, into(live, id('1'))); // as an engine does for those that live
  driver().reconcile(call, {id('a')}, {id('1')});
  live.in([] { EXPECT_TRUE(contains(look().addresses, "eth0 10.77.0.2")); });
  driver().leave(call, id('a'), id('1'));
  live.in([] { EXPECT_TRUE(soon([] { return !contains(look().links, "eth0"); })); });
}

class Ports : public NetworkSuite {
 protected:
  void SetUp() override {
    NetworkSuite::SetUp();
    driver().create_network(call, network(id('a')));
    driver().create_endpoint(call, endpoint(id('1')));
    driver().create_endpoint(call, endpoint(id('2'), "10.77.0.3/24"));
    try {
      driver().publish(call, id('a'), id('1'), {});
    } catch (const Error& e) {
      if (e.code() == Code::not_implemented) GTEST_SKIP() << "the driver publishes no ports";
      throw;
    }
  }
  static Port tcp(std::uint16_t host_port, std::uint16_t container_port = 80) {
    Port port;
    port.host_ip = "0.0.0.0";
    port.container_port = container_port;
    port.host_port = host_port;
    return port;
  }
};

TEST_F(Ports, are_chosen_when_none_is_asked_for) {
  const auto published = driver().publish(call, id('a'), id('1'), {tcp(0), tcp(0, 81)});
  ASSERT_EQ(published.size(), 2u);
  EXPECT_NE(published[0].host_port, 0);
  EXPECT_NE(published[0].host_port, published[1].host_port);
  EXPECT_EQ(published[1].container_port, 81);
}

TEST_F(Ports, of_another_endpoint_are_taken) {
  driver().publish(call, id('a'), id('1'), {tcp(8080)});
  EXPECT_FAILS(driver().publish(call, id('a'), id('2'), {tcp(8080)}), Code::already_exists);
  driver().leave(call, id('a'), id('1'));
  EXPECT_EQ(driver().publish(call, id('a'), id('2'), {tcp(8080)}).at(0).host_port, 8080);
}

TEST_F(Ports, are_replaced_by_the_next_list) {
  driver().publish(call, id('a'), id('1'), {tcp(8080), tcp(8081, 81)});
  driver().publish(call, id('a'), id('1'), {tcp(8081, 81), tcp(8082, 82)});
  EXPECT_EQ(driver().publish(call, id('a'), id('2'), {tcp(8080)}).at(0).host_port, 8080);
  EXPECT_FAILS(driver().publish(call, id('a'), id('2'), {tcp(8081)}), Code::already_exists);
}

TEST_F(Ports, stay_as_they_were_when_one_of_the_new_ones_is_taken) {
  driver().publish(call, id('a'), id('1'), {tcp(8080)});
  driver().publish(call, id('a'), id('2'), {tcp(9090)});
  EXPECT_FAILS(driver().publish(call, id('a'), id('2'), {tcp(9091, 81), tcp(8080)}), Code::already_exists);
  EXPECT_FAILS(driver().publish(call, id('a'), id('1'), {tcp(9090)}), Code::already_exists);
  EXPECT_EQ(driver().publish(call, id('a'), id('1'), {tcp(9091)}).at(0).host_port, 9091);
}

TEST_F(Ports, of_a_range_are_the_first_that_is_free) {
  Port ranged = tcp(7000);
  ranged.host_port_end = 7001;
  EXPECT_EQ(driver().publish(call, id('a'), id('1'), {ranged}).at(0).host_port, 7000);
  EXPECT_EQ(driver().publish(call, id('a'), id('2'), {ranged}).at(0).host_port, 7001);
}

TEST_F(Ports, of_all_addresses_lack_ipv6_at_most_where_the_container_has_none) {
  Port everywhere6 = tcp(8080);
  everywhere6.host_ip = "::";
  std::vector<Port> published;
  try {
    published = driver().publish(call, id('a'), id('1'), {tcp(8080), everywhere6, tcp(8081, 81)});
  } catch (const Error& e) {
    ASSERT_EQ(e.code(), Code::invalid) << e.what(); // and asked again, as the engine does
    published = driver().publish(call, id('a'), id('1'), {tcp(8080), tcp(8081, 81)});
  }
  ASSERT_GE(published.size(), 2u);
  ASSERT_LE(published.size(), 3u);
  EXPECT_EQ(published.front().host_ip, "0.0.0.0");
  EXPECT_EQ(published.back().container_port, 81);
  for (const Port& port : published) EXPECT_EQ(port.host_port, port.container_port == 81 ? 8081 : 8080);
  if (published.size() == 3) EXPECT_EQ(published[1].host_ip, "::");
}

TEST_F(Ports, are_published_again_after_a_restart) {
  driver().publish(call, id('a'), id('1'), {tcp(8080)});
  restart();
  driver().create_network(call, network(id('a')));
  driver().create_endpoint(call, endpoint(id('1')));
  driver().create_endpoint(call, endpoint(id('2'), "10.77.0.3/24"));
  EXPECT_EQ(driver().publish(call, id('a'), id('1'), {tcp(8080)}).at(0).host_port, 8080);
  driver().reconcile(call, {id('a')}, {id('1'), id('2')});
  EXPECT_FAILS(driver().publish(call, id('a'), id('2'), {tcp(8080)}), Code::already_exists);
}

} // namespace

} // namespace gantry::driver_test
