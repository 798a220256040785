#include "registry/endpoint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gantry::registry {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> bases(const std::string& domain, const Settings& settings, Mirrors mirrors = Mirrors::yes) {
  std::vector<std::string> all;
  for (const auto& endpoint : endpoints_for(domain, settings, mirrors)) all.push_back(endpoint.base);
  return all;
}

TEST(Endpoint, hub_has_a_host_of_its_own) { EXPECT_THAT(bases("docker.io", {}), ElementsAre("https://registry-1.docker.io")); }

TEST(Endpoint, this_machine_may_do_without_tls) {
  EXPECT_THAT(bases("127.0.0.1:5000", {}), ElementsAre("https://127.0.0.1:5000", "http://127.0.0.1:5000"));
  EXPECT_THAT(bases("[::1]:5000", {}), ElementsAre("https://[::1]:5000", "http://[::1]:5000"));
  EXPECT_THAT(bases("192.0.2.1", {}), ElementsAre("https://192.0.2.1"));
}

TEST(Endpoint, insecure_registries_are_hosts_and_networks) {
  Settings settings;
  settings.insecure = {"registry.test:5000", "192.0.2.0/25", "2001:db8::/33"};
  EXPECT_TRUE(is_insecure("registry.test:5000", settings));
  EXPECT_FALSE(is_insecure("registry.test", settings));
  EXPECT_TRUE(is_insecure("192.0.2.127:80", settings));
  EXPECT_FALSE(is_insecure("192.0.2.128", settings));
  EXPECT_TRUE(is_insecure("[2001:db8:7fff::1]:5000", settings));
  EXPECT_FALSE(is_insecure("[2001:db8:8000::1]:5000", settings));
  settings.insecure = {"0.0.0.0/0"};
  EXPECT_TRUE(is_insecure("198.51.100.1", settings));
  EXPECT_FALSE(is_insecure("docker.io", settings));
}

TEST(Endpoint, mirrors_come_first_and_only_for_their_registry) {
  Settings settings;
  settings.mirrors = {"https://mirror.test/", "quay.test=https://cache.test/quay"};
  EXPECT_THAT(bases("docker.io", settings), ElementsAre("https://mirror.test", "https://registry-1.docker.io"));
  EXPECT_THAT(bases("quay.test", settings), ElementsAre("https://cache.test/quay", "https://quay.test"));
  EXPECT_THAT(bases("docker.io", settings, Mirrors::no), ElementsAre("https://registry-1.docker.io"));
}

} // namespace
} // namespace gantry::registry
