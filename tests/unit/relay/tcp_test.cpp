// Connections over real sockets of the loopback: Tcp gets them at a port of [::1] as if nftables had sent them there.
#include "relay/tcp.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <memory>
#include <string>
#include <thread>

namespace gantry::relay {
namespace {

class TcpTest : public testing::Test {
 protected:
  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN); // as the program does
    sockaddr_in6 here{};
    here.sin6_family = AF_INET6;
    here.sin6_addr = in6addr_loopback;
    place = here;
    UniqueFd listener = listen_at(place);
    if (!listener) GTEST_SKIP() << "no IPv6 loopback";
    ::fcntl(listener.get(), F_SETFL, O_NONBLOCK);
    sockaddr_in6 inside = here;
    container_listener = listen_at(inside);
    ASSERT_TRUE(container_listener);
    routes.add({false, "::1", ntohs(place.sin6_port), 1, "::1", ntohs(inside.sin6_port)});
    loop.add(end.get(), EPOLLIN, [this](std::uint32_t) { loop.stop(); });
    tcp = std::make_unique<Tcp>(loop, routes, std::move(listener), 1, TcpLimits{8, std::chrono::milliseconds(20)});
    thread = std::thread([this] { loop.run(); });
  }
  void TearDown() override {
    const std::uint64_t one = 1;
    (void)!::write(end.get(), &one, sizeof one);
    if (thread.joinable()) thread.join();
  }
  static UniqueFd make() {
    UniqueFd fd(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval patience{20, 0};
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return fd;
  }
  static UniqueFd listen_at(sockaddr_in6& where) {
    UniqueFd fd = make();
    socklen_t size = sizeof where;
    if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&where), size) != 0 || ::listen(fd.get(), 16) != 0) return UniqueFd();
    ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&where), &size);
    return fd;
  }
  UniqueFd connect() const {
    UniqueFd fd = make();
    EXPECT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place), 0);
    return fd;
  }
  UniqueFd accept() const {
    UniqueFd fd(::accept4(container_listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    const timeval patience{20, 0};
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return fd;
  }
  static std::string read(const UniqueFd& fd, std::size_t size) {
    std::string bytes(size, '\0');
    const ssize_t n = ::recv(fd.get(), bytes.data(), size, MSG_WAITALL);
    bytes.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
    return bytes;
  }

  Loop loop;
  Routes routes;
  sockaddr_in6 place{};
  UniqueFd end{::eventfd(0, EFD_CLOEXEC)}, container_listener;
  std::unique_ptr<Tcp> tcp;
  std::thread thread;
};

TEST_F(TcpTest, urgent_bytes_are_carried_like_the_others) {
  const UniqueFd client = connect(), container = accept();
  ASSERT_EQ(::send(client.get(), "a", 1, 0), 1);
  EXPECT_EQ(read(container, 1), "a");
  ASSERT_EQ(::send(client.get(), "x", 1, MSG_OOB), 1);
  ASSERT_EQ(::send(client.get(), "yy", 2, 0), 2);
  EXPECT_EQ(read(container, 3), "xyy");
  ::shutdown(client.get(), SHUT_WR);
  EXPECT_EQ(read(container, 1), "");
}

TEST_F(TcpTest, a_client_that_has_said_everything_and_vanished_is_noticed) {
  UniqueFd client = connect();
  const UniqueFd container = accept();
  ::shutdown(client.get(), SHUT_WR);
  EXPECT_EQ(read(container, 1), ""); // an end, which is no failure
  const linger reset{1, 0};
  ::setsockopt(client.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  client.reset();
  pollfd broken{container.get(), 0, 0};
  EXPECT_EQ(::poll(&broken, 1, 20'000), 1);
  EXPECT_TRUE(broken.revents & POLLERR);
}

TEST_F(TcpTest, a_container_gets_its_share_only) {
  const UniqueFd first = connect(), second = connect(); // of eight
  const UniqueFd one = accept(), other = accept();
  const UniqueFd third = connect();
  char byte = 0;
  EXPECT_LE(::recv(third.get(), &byte, 1, 0), 0);
  EXPECT_EQ(errno, ECONNRESET);
  ASSERT_EQ(::send(second.get(), "a", 1, 0), 1);
  EXPECT_EQ(read(other, 1), "a");
}

} // namespace
} // namespace gantry::relay
