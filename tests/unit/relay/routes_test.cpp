#include "relay/routes.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace gantry::relay {
namespace {

/// "10.0.0.2:80", or nothing.
std::string where(const Routes& routes, const std::string& host, std::uint16_t port, bool udp = false) {
  in6_addr address{};
  EXPECT_EQ(::inet_pton(AF_INET6, host.c_str(), &address), 1) << host;
  const auto target = routes.find(udp, address, port);
  if (!target) return "";
  char text[INET6_ADDRSTRLEN] = "";
  const bool ipv4 = target->address.ss_family == AF_INET;
  const auto& v4 = reinterpret_cast<const sockaddr_in&>(target->address);
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(target->address);
  ::inet_ntop(target->address.ss_family, ipv4 ? static_cast<const void*>(&v4.sin_addr) : &v6.sin6_addr, text, sizeof text);
  return std::string(text) + ":" + std::to_string(ntohs(ipv4 ? v4.sin_port : v6.sin6_port));
}

TEST(Routes, lead_ranges_to_ranges) {
  Routes routes;
  routes.add({false, "::", 8000, 10, "10.0.0.2", 80});
  routes.add({false, "::", 65535, 1, "10.0.0.3", 65535});
  EXPECT_EQ(where(routes, "fd00::1", 7999), "");
  EXPECT_EQ(where(routes, "fd00::1", 8000), "10.0.0.2:80");
  EXPECT_EQ(where(routes, "::1", 8009), "10.0.0.2:89");
  EXPECT_EQ(where(routes, "::1", 8010), "");
  EXPECT_EQ(where(routes, "::1", 65535), "10.0.0.3:65535");
  EXPECT_EQ(where(routes, "::1", 8000, true), "") << "the other protocol";
  routes.remove({false, "::", 8000, 1, "", 0});
  EXPECT_EQ(where(routes, "::1", 8005), "");
}

TEST(Routes, of_one_address_come_before_those_of_all) {
  Routes routes;
  routes.add({true, "::", 53, 1, "10.0.0.2", 53});
  routes.add({true, "fd00::1", 53, 1, "fd00::53", 5353});
  EXPECT_EQ(where(routes, "fd00::1", 53, true), "fd00::53:5353");
  EXPECT_EQ(where(routes, "fd00::2", 53, true), "10.0.0.2:53");
}

TEST(Routes, that_make_no_sense_are_refused) {
  Routes routes;
  const Route good{false, "::", 8000, 1, "10.0.0.2", 80};
  const auto with = [&](auto change) {
    Route route = good;
    change(route);
    EXPECT_THROW(routes.add(route), std::runtime_error);
  };
  with([](Route& r) { r.host = "0.0.0.0"; });
  with([](Route& r) { r.address = "x"; });
  with([](Route& r) { r.port = 0; });
  with([](Route& r) { r.inner = 0; });
  with([](Route& r) { r.count = 0; });
  with([](Route& r) { r.count = 60000; });
  EXPECT_TRUE(routes.empty());
  routes.add(good);
  EXPECT_FALSE(routes.empty());
}

} // namespace
} // namespace gantry::relay
