#include "dns/records.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gantry::dns {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

Endpoint endpoint(const std::string& id, const std::string& container, const std::string& network, const std::string& ipv4,
                  std::vector<std::string> names) {
  Endpoint e;
  e.id = id;
  e.container = container;
  e.network = e.network_name = network;
  e.ipv4 = ipv4;
  e.names = std::move(names);
  return e;
}

class Names : public testing::Test {
 protected:
  Names() {
    records.add(endpoint("e1", "web", "front", "10.0.0.2", {"web", "www"}));
    records.add(endpoint("e2", "app", "front", "10.0.0.3", {"app"}));
    records.add(endpoint("e3", "app", "back.end", "10.1.0.2", {"app"}));
    records.add(endpoint("e4", "db", "back.end", "10.1.0.3", {"DB", "store"}));
    records.add(endpoint("e5", "db2", "back.end", "10.1.0.4", {"db2", "store"}));
  }
  Records records;
};

TEST_F(Names, are_seen_by_containers_of_the_same_network) {
  EXPECT_THAT(records.find("app", "web").ipv4, ElementsAre("10.0.0.2"));
  EXPECT_THAT(records.find("app", "www").ipv4, ElementsAre("10.0.0.2"));
  EXPECT_THAT(records.find("app", "db").ipv4, ElementsAre("10.1.0.3"));
  EXPECT_FALSE(records.find("web", "db").known);
  EXPECT_FALSE(records.find("nobody", "web").known);
}

TEST_F(Names, may_have_their_network_behind_them) {
  EXPECT_THAT(records.find("app", "web.front").ipv4, ElementsAre("10.0.0.2"));
  EXPECT_THAT(records.find("app", "db.back.end").ipv4, ElementsAre("10.1.0.3"));
  EXPECT_FALSE(records.find("app", "web.back.end").known);
}

TEST_F(Names, that_several_have_are_all_of_theirs) {
  EXPECT_THAT(records.find("app", "store").ipv4, UnorderedElementsAre("10.1.0.3", "10.1.0.4"));
  records.remove("e4");
  EXPECT_THAT(records.find("app", "store").ipv4, ElementsAre("10.1.0.4"));
  records.remove("e5");
  EXPECT_FALSE(records.find("app", "store").known);
}

TEST_F(Names, are_known_in_a_family_without_an_address_too) {
  const Addresses found = records.find("app", "web");
  EXPECT_TRUE(found.known);
  EXPECT_THAT(found.ipv6, IsEmpty());
}

TEST_F(Names, of_links_are_for_one_container_only) {
  Endpoint linked = endpoint("e6", "tool", "back.end", "10.1.0.9", {"tool"});
  linked.links = {{"database", "db"}};
  records.add(linked);
  EXPECT_THAT(records.find("tool", "database").ipv4, ElementsAre("10.1.0.3"));
  EXPECT_FALSE(records.find("app", "database").known);
}

TEST_F(Names, of_addresses_are_the_containers) {
  EXPECT_EQ(records.name_of("app", "10.1.0.3"), "db.back.end");
  EXPECT_EQ(records.name_of("web", "10.1.0.3"), "");
}

TEST_F(Names, that_are_not_kept_are_gone) {
  records.keep({"e1"});
  EXPECT_FALSE(records.find("web", "app").known);
  EXPECT_TRUE(records.has_container("web"));
  EXPECT_FALSE(records.has_container("db"));
}

TEST_F(Names, change_when_an_endpoint_is_told_again) {
  records.add(endpoint("e1", "web", "front", "10.0.0.2", {"renamed"}));
  EXPECT_FALSE(records.find("app", "web").known);
  EXPECT_TRUE(records.find("app", "renamed").known);
}

TEST_F(Names, tell_whether_there_is_a_way_out) {
  Endpoint inside = endpoint("e7", "shy", "private", "10.2.0.2", {"shy"});
  inside.internal = true;
  records.add(inside);
  EXPECT_FALSE(records.reaches_outside("shy"));
  EXPECT_TRUE(records.reaches_outside("web"));
}

} // namespace
} // namespace gantry::dns
