#include "buildkit/companion.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>

#include "base/error.hpp"
#include "base/packets.hpp"

namespace gantry::buildkit {
namespace {

constexpr const char* role = "GANTRY_TEST_COMPANION";

/// This program again, as the companion: says its pid on what it is given, and does what it is told.
[[noreturn]] void be_companion() {
  std::uint64_t seen = 0;
  while (const auto packet = receive_packet(3)) {
    ++seen;
    const std::string kind = packet->message.value("Kind", "");
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (packet->fd) (void)!::write(packet->fd.get(), pid.data(), pid.size());
    if (kind == "die") ::_exit(1);
    if (kind == "ask") send_packet(3, {{"Kind", "api"}}, packet->fd.get());
    if (kind == "rest") send_packet(3, {{"Kind", "idle"}, {"Seen", seen}}, -1);
    if (kind == "rest early") send_packet(3, {{"Kind", "idle"}, {"Seen", seen - 1}}, -1);
    if (kind == "nonsense") send_packet(3, {{"Kind", 7}}, -1);
  }
  if (std::getenv("GANTRY_TEST_HANG") != nullptr) ::pause();
  ::_exit(0);
}

const bool is_companion = std::getenv(role) != nullptr && (be_companion(), true);

class BuildkitCompanion : public testing::Test {
 protected:
  BuildkitCompanion() { ::setenv(role, "1", 1); }
  ~BuildkitCompanion() override { ::unsetenv(role); }

  struct Ends {
    UniqueFd ours, its;
  };
  static Ends pair() {
    int fds[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    return {UniqueFd(fds[0]), UniqueFd(fds[1])};
  }
  static std::string line_of(int fd) {
    std::string line;
    char c = 0;
    pollfd wanted{fd, POLLIN, 0};
    while (::poll(&wanted, 1, 10'000) > 0 && ::read(fd, &c, 1) == 1 && c != '\n') line += c;
    return line;
  }
  /// The pid of who got it.
  std::string hand_over(const char* kind) {
    Ends ends = pair();
    companion.hand_over({{"Kind", kind}}, ends.its.get());
    ends.its.reset();
    return line_of(ends.ours.get());
  }
  static bool has_ended(const std::string& pid) {
    for (int i = 0; i < 500; ++i, ::usleep(10'000))
      if (::kill(std::stoi(pid), 0) != 0) return true;
    return false;
  }

  std::atomic<int> served{0};
  Companion companion{"/proc/self/exe", [this](UniqueFd fd) { served += fd ? 1 : 0; }};
};

TEST_F(BuildkitCompanion, one_gets_all_connections) {
  const std::string first = hand_over("grpc");
  EXPECT_FALSE(first.empty());
  EXPECT_EQ(hand_over("session"), first);
}

TEST_F(BuildkitCompanion, a_large_request_is_one_and_a_larger_one_ends_nobody) {
  const std::string first = hand_over("grpc");
  Ends ends = pair();
  companion.hand_over({{"Kind", "build"}, {"Query", std::string(400 << 10, 'q')}}, ends.its.get());
  ends.its.reset();
  EXPECT_EQ(line_of(ends.ours.get()), first);
  EXPECT_THROW(companion.hand_over({{"Kind", "cancel"}, {"BuildId", std::string(600 << 10, 'q')}}, -1), Error);
  EXPECT_EQ(hand_over("grpc"), first);
}

TEST_F(BuildkitCompanion, it_may_use_the_api) {
  hand_over("ask");
  for (int i = 0; i < 500 && served == 0; ++i) ::usleep(10'000);
  EXPECT_EQ(served, 1);
}

TEST_F(BuildkitCompanion, one_that_died_is_replaced) {
  const std::string first = hand_over("die");
  EXPECT_TRUE(has_ended(first));
  const std::string second = hand_over("grpc");
  EXPECT_FALSE(second.empty());
  EXPECT_NE(second, first);
}

TEST_F(BuildkitCompanion, an_idle_one_ends_and_the_next_is_started) {
  const std::string first = hand_over("rest");
  EXPECT_TRUE(has_ended(first));
  const std::string second = hand_over("grpc");
  EXPECT_FALSE(second.empty());
  EXPECT_NE(second, first);
}

TEST_F(BuildkitCompanion, it_stays_while_something_is_on_its_way) {
  const std::string first = hand_over("rest early");
  EXPECT_EQ(hand_over("nonsense"), first);
  EXPECT_EQ(hand_over("grpc"), first);
}

TEST_F(BuildkitCompanion, one_that_hangs_ends_with_the_daemon) {
  ::setenv("GANTRY_TEST_HANG", "1", 1);
  std::string pid;
  {
    Companion another("/proc/self/exe", [](UniqueFd) {});
    Ends ends = pair();
    another.hand_over({{"Kind", "grpc"}}, ends.its.get());
    pid = line_of(ends.ours.get());
  }
  ::unsetenv("GANTRY_TEST_HANG");
  ASSERT_FALSE(pid.empty());
  EXPECT_TRUE(has_ended(pid));
}

TEST_F(BuildkitCompanion, a_missing_program_is_told) {
  Companion missing("/nonexistent/gantry-buildkit", [](UniqueFd) {});
  EXPECT_FALSE(missing.is_installed());
  try {
    missing.hand_over({{"Kind", "grpc"}}, -1);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::unavailable);
    EXPECT_STREQ(e.what(), "cannot start /nonexistent/gantry-buildkit: No such file or directory");
  }
}

} // namespace
} // namespace gantry::buildkit
