// Connections over loopback sockets of the test's own.
#include "log-common/connection.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>

#include <chrono>

#include <gantry/sdk/error.hpp>
#include <gantry/testing/fake_host.hpp>

#include "log-common/options.hpp"

namespace gantry::log_common {
namespace {

class ConnectionTest : public testing::Test {
 protected:
  void SetUp() override {
    listener.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    ::listen(listener.get(), 4);
    ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
    endpoint = {"tcp", "127.0.0.1", std::to_string(ntohs(address.sin_port)), ""};
  }
  UniqueFd accept() const { return UniqueFd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)); }
  static Code failure(const std::function<void()>& f) {
    try {
      f();
    } catch (const Error& e) {
      return e.code();
    }
    return Code::unknown;
  }

  UniqueFd listener;
  Endpoint endpoint;
  driver_test::FakeCall call;
};

TEST_F(ConnectionTest, sends_and_waits_until_it_is_there) {
  const Patience patience(call);
  const Connection connection = Connection::open(patience, endpoint);
  const UniqueFd peer = accept();
  connection.send(patience, "hello");
  connection.settle(patience);
  char text[8] = {};
  EXPECT_EQ(::recv(peer.get(), text, sizeof text, MSG_DONTWAIT), 5);
}

TEST_F(ConnectionTest, notices_that_the_other_end_has_gone) {
  const Patience patience(call);
  const Connection connection = Connection::open(patience, endpoint);
  EXPECT_FALSE(connection.is_stale());
  accept().reset();
  pollfd closed{connection.fd(), POLLIN, 0};
  ASSERT_EQ(::poll(&closed, 1, 10'000), 1);
  EXPECT_TRUE(connection.is_stale());
  EXPECT_EQ(failure([&] {
              connection.send(patience, "x");
              connection.settle(patience);
            }),
            Code::unavailable);
}

TEST_F(ConnectionTest, a_closed_port_is_unavailable_at_once) {
  listener.reset();
  EXPECT_EQ(failure([&] { Connection::open(Patience(call), endpoint); }), Code::unavailable);
}

TEST_F(ConnectionTest, does_not_wait_longer_than_its_patience) {
  const Patience patience(call, 200);
  const Connection connection = Connection::open(patience, endpoint);
  const UniqueFd peer = accept();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(failure([&] { connection.send(patience, std::string(64 << 20, 'x')); }), Code::unavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST_F(ConnectionTest, gives_up_when_cancelled) {
  call.is_cancelled = true;
  const Patience patience(call);
  EXPECT_EQ(failure([&] { patience.wait_for(listener.get(), POLLIN, "x"); }), Code::cancelled);
}

TEST(LogDriverNumbers, are_gos) {
  EXPECT_EQ(parse_duration("1.5s"), 1'500'000'000);
  EXPECT_EQ(parse_duration("1h2m"), 3'720'000'000'000);
  EXPECT_EQ(parse_bytes("1m"), 1U << 20);
  EXPECT_THROW(parse_duration("5"), Error);
  EXPECT_THROW(parse_bytes("1q"), Error);
}

} // namespace
} // namespace gantry::log_common
