// Connections through Stream, over pairs of sockets: whatever is sent arrives, and so do ends.
#include "relay/stream.hpp"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <string>
#include <thread>

namespace gantry::relay {
namespace {

/// Two sockets that belong together: the one that blocks is the test's.
void make_pair(UniqueFd& mine, UniqueFd& other) {
  int fds[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
  mine.reset(fds[0]);
  other.reset(fds[1]);
  const timeval patience{20, 0};
  ::setsockopt(mine.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

class StreamTest : public testing::Test {
 protected:
  StreamTest() {
    std::signal(SIGPIPE, SIG_IGN); // as the program does
    UniqueFd near, far;
    make_pair(client, near);
    make_pair(container, far);
    loop.add(end.get(), EPOLLIN, [this](std::uint32_t) { loop.stop(); });
    stream = std::make_unique<Stream>(loop, pipes, std::move(near), std::move(far), [this] { stream.reset(); });
    thread = std::thread([this] { loop.run(); });
  }
  ~StreamTest() override {
    const std::uint64_t one = 1;
    (void)!::write(end.get(), &one, sizeof one);
    thread.join();
  }
  /// Up to so many bytes; fewer at the end.
  static std::string read(const UniqueFd& fd, std::size_t size) {
    std::string bytes(size, '\0');
    const ssize_t n = ::recv(fd.get(), bytes.data(), size, MSG_WAITALL);
    bytes.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
    return bytes;
  }
  static bool at_end(const UniqueFd& fd) {
    char byte = 0;
    return ::recv(fd.get(), &byte, 1, 0) == 0;
  }
  /// What goes in until nobody takes any more for a while.
  static std::size_t fill(const UniqueFd& fd) {
    const std::string block(4096, 'x');
    const timeval patience{0, 200'000};
    ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    std::size_t sent = 0;
    for (ssize_t n = 0; (n = ::send(fd.get(), block.data(), block.size(), MSG_NOSIGNAL)) > 0;)
      sent += static_cast<std::size_t>(n);
    return sent;
  }

  Loop loop;
  Pipes pipes;
  UniqueFd end{::eventfd(0, EFD_CLOEXEC)};
  UniqueFd client, container;
  std::unique_ptr<Stream> stream;
  std::thread thread;
};

TEST(Stream, ends_where_the_kernel_waits_for_no_more) {
  UniqueFd client, near, container, far;
  make_pair(client, near);
  make_pair(container, far);
  Loop loop;
  Pipes pipes;
  loop.add(near.get(), 0, [](std::uint32_t) {}); // so that it cannot be added once more
  std::unique_ptr<Stream> stream;
  stream = std::make_unique<Stream>(loop, pipes, std::move(near), std::move(far), [&] {
    stream.reset();
    loop.stop();
  });
  loop.run();
  char byte = 0;
  EXPECT_LE(::recv(container.get(), &byte, 1, 0), 0);
}

TEST_F(StreamTest, carries_both_directions) {
  ASSERT_EQ(::send(client.get(), "question", 8, 0), 8);
  ASSERT_EQ(::send(container.get(), "greeting", 8, 0), 8);
  EXPECT_EQ(read(container, 8), "question");
  EXPECT_EQ(read(client, 8), "greeting");
}

TEST_F(StreamTest, an_end_of_one_direction_leaves_the_other_open) {
  ASSERT_EQ(::send(client.get(), "last", 4, 0), 4);
  ::shutdown(client.get(), SHUT_WR);
  EXPECT_EQ(read(container, 4), "last");
  EXPECT_TRUE(at_end(container));
  ASSERT_EQ(::send(container.get(), "answer", 6, 0), 6);
  EXPECT_EQ(read(client, 6), "answer");
  ::shutdown(container.get(), SHUT_WR);
  EXPECT_TRUE(at_end(client));
}

TEST_F(StreamTest, keeps_no_more_than_fits_where_nobody_reads) {
  const std::size_t sent = fill(client);
  EXPECT_LT(sent, 8U << 20);
  ::shutdown(client.get(), SHUT_WR);
  EXPECT_EQ(read(container, sent).size(), sent);
  EXPECT_TRUE(at_end(container));
}

TEST_F(StreamTest, a_broken_end_breaks_the_other) {
  fill(client);
  container.reset();
  char byte = 0;
  EXPECT_LE(::recv(client.get(), &byte, 1, 0), 0);
  EXPECT_LT(::send(client.get(), "x", 1, MSG_NOSIGNAL), 0);
}

} // namespace
} // namespace gantry::relay
