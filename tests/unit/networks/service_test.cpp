#include "networks/network_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "base/error.hpp"
#include "unit/base/temp_dir.hpp"

namespace gantry::networks {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A driver that remembers what it was told.
class FakeDriver final : public NetworkDriver {
 public:
  void create_network(Call&, const NetworkCreate& n) override {
    if (fail_next_create) {
      fail_next_create = false;
      throw invalid("the driver does not like it");
    }
    networks.insert(n.id);
  }
  void delete_network(Call&, const std::string& id) override { networks.erase(id); }
  gantry::Endpoint create_endpoint(Call&, const EndpointCreate& e) override {
    endpoints.insert(e.endpoint_id);
    return {e.mac, e.addresses};
  }
  void delete_endpoint(Call&, const std::string&, const std::string& id) override { endpoints.erase(id); }
  Joined join(Call&, const NetworkJoin& j) override {
    joined.insert(j.endpoint_id);
    return {j.interface_hint, {}};
  }
  void leave(Call&, const std::string&, const std::string& id) override { joined.erase(id); }
  std::vector<Port> publish(Call&, const std::string&, const std::string&, const std::vector<Port>& ports) override {
    for (const auto& port : ports)
      if (port.host_port == 666) throw conflict("Bind for 0.0.0.0:666 failed: port is already allocated");
    std::vector<Port> answer;
    for (const auto& port : ports) {
      if (port.host_ip == left_out) continue;
      if (port.host_ip == refused) throw invalid("no such address");
      answer.push_back(port);
    }
    return answer;
  }
  void reconcile(Call&, const std::vector<std::string>& n, const std::vector<std::string>& e) override {
    kept_networks = n.size();
    kept_endpoints = e;
  }
  bool fail_next_create = false;
  std::string left_out = "-", refused = "-"; ///< host addresses of ports
  std::set<std::string> networks, endpoints, joined;
  std::size_t kept_networks = 0;
  std::vector<std::string> kept_endpoints;
};

class Service : public testing::Test {
 protected:
  Service() {
    subscription_ = bus_.subscribe(0, [this](const events::EventPtr& e) {
      std::string text = e->action + " " + e->attributes.at("name");
      if (e->attributes.contains("container")) text += " " + e->attributes.at("container");
      events.push_back(text);
    });
    start();
  }
  void start() {
    service_.reset();
    database_.reset();
    database_ = std::make_unique<state::Database>(root_ / "state.db");
    service_ = std::make_unique<NetworkService>(*database_, bus_, drivers_, settings());
    service_->start();
  }
  static Settings settings() {
    Settings settings;
    settings.instance = "test";
    settings.bridge_name = "test0";
    return settings;
  }
  NetworkService& service() { return *service_; }
  std::string create(const std::string& name, std::vector<IpamPool> pools = {}) {
    CreateNetwork request;
    request.network.name = name;
    request.network.pools = std::move(pools);
    return service().create(std::move(request)).id;
  }
  std::string error(const std::function<void()>& f, Code code) {
    try {
      f();
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), code) << e.what();
      return e.what();
    }
    return "(none)";
  }
  static Attachment in(const std::string& network, EndpointSettings settings = {}) {
    return {network, "", std::move(settings), {}};
  }
  Owner owner{"c1", "web", "c1"};
  FakeDriver driver;
  std::vector<std::string> events;

 private:
  test::TempDir root_;
  events::Bus bus_;
  events::Bus::Subscription subscription_;
  NetworkDrivers drivers_{{"bridge", &driver}};
  std::unique_ptr<state::Database> database_;
  std::unique_ptr<NetworkService> service_;
};

TEST_F(Service, has_the_predefined_networks_always_with_the_same_ids) {
  const std::string bridge = service().find("bridge")->id;
  EXPECT_EQ(service().find("bridge")->pools.at(0).subnet, "172.17.0.0/16");
  EXPECT_EQ(service().find("host")->driver, "host");
  EXPECT_EQ(service().find("none")->driver, "null");
  start();
  EXPECT_EQ(service().find("bridge")->id, bridge);
  EXPECT_EQ(service().list().size(), 3U);
}

TEST_F(Service, finds_by_name_id_and_prefix) {
  const std::string id = create("lan");
  EXPECT_EQ(service().find("lan")->id, id);
  EXPECT_EQ(service().find(id)->name, "lan");
  EXPECT_EQ(service().find(id.substr(0, 12))->name, "lan");
  EXPECT_EQ(error([&] { service().find("wan"); }, Code::not_found), "network wan not found");
}

TEST_F(Service, refuses_what_cannot_be) {
  create("lan", {{"10.5.0.0/24", "", "", {}}});
  EXPECT_EQ(error([&] { create("lan"); }, Code::already_exists), "network with name lan already exists");
  EXPECT_EQ(error(
                [&] {
                  create("wan", {{"10.5.0.0/25", "", "", {}}});
                },
                Code::forbidden),
            "invalid pool request: Pool overlaps with other one on this address space");
  EXPECT_EQ(error([&] { create("host"); }, Code::forbidden), "operation is not permitted on predefined host network ");
  CreateNetwork unknown;
  unknown.network.name = "x";
  unknown.network.driver = "nosuch";
  EXPECT_EQ(error([&] { service().create(unknown); }, Code::not_found), "plugin \"nosuch\" not found");
  driver.fail_next_create = true;
  error([&] { create("wan"); }, Code::invalid);
  EXPECT_EQ(error([&] { service().find("wan"); }, Code::not_found), "network wan not found");
  create("wan");
}

TEST_F(Service, a_network_with_members_is_not_removed) {
  const std::string id = create("lan");
  Attachment attachment = in("lan");
  service().reserve(owner, attachment);
  EXPECT_EQ(error([&] { service().remove("lan"); }, Code::forbidden),
            "error while removing network: network lan has active endpoints (name:\"" + owner.name + "\" id:\"" +
                attachment.endpoint.id.substr(0, 12) + "\")");
  service().leave(owner, attachment);
  service().remove("lan");
  EXPECT_FALSE(driver.networks.contains(id));
  EXPECT_EQ(error([&] { service().remove("bridge"); }, Code::forbidden), "bridge is a pre-defined network and cannot be removed");
}

TEST_F(Service, tells_what_happens_in_dockers_order) {
  create("lan");
  Attachment attachment = in("lan");
  service().reserve(owner, attachment);
  attachment.endpoint.interface = "eth0";
  service().join(owner, attachment, {}, {true, false});
  service().leave(owner, attachment);
  service().leave(owner, attachment);
  service().remove("lan");
  EXPECT_THAT(events, ElementsAre("create lan", "connect lan c1", "disconnect lan c1", "destroy lan"));
}

TEST_F(Service, gives_addresses_and_takes_them_back) {
  create("lan", {{"10.5.0.0/24", "", "", {}}});
  Attachment one = in("lan"), two = in("lan");
  service().reserve(owner, one);
  EXPECT_EQ(one.endpoint.ipv4, "10.5.0.2");
  EXPECT_EQ(one.endpoint.gateway4, "10.5.0.1");
  EXPECT_EQ(one.endpoint.mac, "02:42:0a:05:00:02");
  service().leave(owner, one);
  service().reserve(owner, two);
  EXPECT_EQ(two.endpoint.ipv4, "10.5.0.2");
}

TEST_F(Service, pools_are_the_users_first_and_know_what_the_engine_chose) {
  CreateNetwork request;
  request.network.name = "lan";
  request.network.ipv6 = true;
  request.network.pools = {{"fd00:5::/64", "", "", {}}};
  service().create(request);
  start(); // what was stored is the same
  const auto pools = service().find("lan")->pools;
  ASSERT_EQ(pools.size(), 2U);
  EXPECT_EQ(pools[0].subnet, "fd00:5::/64");
  EXPECT_TRUE(pools[0].chosen_gateway);
  EXPECT_FALSE(pools[0].chosen);
  EXPECT_TRUE(pools[1].chosen);
  EXPECT_EQ(error(
                [&] {
                  create("nothing", {{"", "", "10.9.0.1", {}}});
                },
                Code::invalid),
            "invalid network config:\ninvalid subnet : invalid CIDR block notation");
}

TEST_F(Service, fixed_addresses_are_checked) {
  create("lan", {{"10.5.0.0/24", "", "", {}}});
  create("any");
  EndpointSettings fixed;
  fixed.ipv4_address = "10.5.0.9";
  Attachment attachment = in("lan", fixed);
  service().reserve(owner, attachment);
  EXPECT_EQ(attachment.endpoint.ipv4, "10.5.0.9");
  Attachment again = in("lan", fixed);
  EXPECT_EQ(error([&] { service().reserve(owner, again); }, Code::forbidden), "Address already in use");
  Attachment no_subnet = in("any", fixed), predefined = in("bridge", fixed);
  EXPECT_EQ(error([&] { service().reserve(owner, no_subnet); }, Code::invalid),
            "invalid endpoint settings:\nuser specified IP address is supported only when connecting to networks with user "
            "configured subnets");
  EXPECT_EQ(
      error([&] { service().reserve(owner, predefined); }, Code::invalid),
      "invalid endpoint settings:\n* user specified IP address is supported on user defined networks only\n* user specified "
      "IP address is supported only when connecting to networks with user configured subnets");
  fixed.ipv4_address = "10.6.0.9";
  Attachment outside = in("lan", fixed);
  EXPECT_EQ(error([&] { service().reserve(owner, outside); }, Code::invalid),
            "invalid endpoint settings:\nno configured subnet or ip-range contain the IP address 10.6.0.9");
  EndpointSettings alias;
  alias.aliases = {"x"};
  Attachment named = in("bridge", alias);
  EXPECT_EQ(error([&] { service().reserve(owner, named); }, Code::invalid),
            "invalid endpoint settings:\nnetwork-scoped alias is supported only for containers in user defined networks");
}

TEST_F(Service, a_taken_port_is_told_in_dockers_words) {
  Attachment attachment = in("bridge");
  service().reserve(owner, attachment);
  Port port;
  port.host_port = 666;
  EXPECT_EQ(error([&] { service().publish(owner, attachment, {port}); }, Code::internal),
            "driver failed programming external connectivity on endpoint web (" + attachment.endpoint.id +
                "): Bind for 0.0.0.0:666 failed: port is already allocated");
}

TEST_F(Service, ports_at_all_addresses_of_ipv6_are_published_where_the_driver_can) {
  Attachment attachment = in("bridge");
  service().reserve(owner, attachment);
  const std::vector<Port> everywhere{
      {"tcp", "0.0.0.0", 80, 8080, 0}, {"tcp", "::", 80, 8080, 0}, {"tcp", "127.0.0.1", 81, 8081, 0}};
  const auto places = [](const std::vector<PublishedPort>& ports) {
    std::vector<std::string> ips;
    for (const auto& port : ports) ips.push_back(port.host_ip);
    return ips;
  };
  const auto published = [&] { return places(service().publish(owner, attachment, everywhere)); };
  EXPECT_THAT(published(), ElementsAre("0.0.0.0", "::", "127.0.0.1"));
  driver.refused = "::";
  EXPECT_THAT(published(), ElementsAre("0.0.0.0", "127.0.0.1"));
  EXPECT_EQ(error([&] { (void)service().publish(owner, attachment, {everywhere[1]}); }, Code::invalid),
            "driver failed programming external connectivity on endpoint web (" + attachment.endpoint.id + "): no such address");
  driver.refused = "-";
  driver.left_out = "::";
  EXPECT_THAT(published(), ElementsAre("0.0.0.0", "127.0.0.1"));
  const std::vector<PublishedPort> before{{"tcp", 80, 8080, "0.0.0.0"}, {"tcp", 80, 8080, "::"}};
  EXPECT_THAT(places(service().adopt(owner, attachment, {}, before)), ElementsAre("0.0.0.0"));
  driver.left_out = "127.0.0.1";
  EXPECT_THAT(error([&] { (void)published(); }, Code::internal), HasSubstr("does not say what became of port 81/tcp"));
}

TEST_F(Service, knows_after_a_restart_what_is_adopted) {
  create("lan", {{"10.5.0.0/24", "", "", {}}});
  Attachment attachment = in("lan"), next = in("lan");
  service().reserve(owner, attachment);
  start();
  (void)service().adopt(owner, attachment, {}, {});
  service().reconcile();
  EXPECT_THAT(driver.kept_endpoints, ElementsAre(attachment.endpoint.id));
  EXPECT_EQ(driver.kept_networks, 4U);
  service().reserve(owner, next);
  EXPECT_EQ(next.endpoint.ipv4, "10.5.0.3");
  EXPECT_EQ(service().members(attachment.network_id).size(), 2U);
}

TEST_F(Service, dual_stack_networks_get_an_address_of_each_family) {
  CreateNetwork request;
  request.network.name = "six";
  request.network.ipv6 = true;
  service().create(request);
  Attachment attachment = in("six");
  service().reserve(owner, attachment);
  EXPECT_THAT(attachment.endpoint.ipv6, HasSubstr("fd"));
  EXPECT_EQ(attachment.endpoint.prefix6, 64U);
  EXPECT_FALSE(attachment.endpoint.gateway6.empty());
  EXPECT_FALSE(attachment.endpoint.ipv4.empty());
}

} // namespace
} // namespace gantry::networks
