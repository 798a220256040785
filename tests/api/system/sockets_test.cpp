#include <sys/stat.h>

#include "support/api_test.hpp"

namespace gantry::test {
namespace {

using Sockets = ApiTest;

TEST_F(Sockets, are_for_owner_and_group_only) {
  struct stat info {};
  ASSERT_EQ(::stat(daemon().socket().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0660U);
}

TEST_F(Sockets, of_a_killed_daemon_are_replaced) {
  daemon().kill();
  daemon().start();
  auto fresh = connect();
  EXPECT_EQ(fresh.get("/_ping").body, "OK");
}

TEST_F(Sockets, are_gone_after_a_clean_end) {
  client().disconnect();
  EXPECT_EQ(daemon().terminate(), 0);
  EXPECT_NE(::access(daemon().socket().c_str(), F_OK), 0);
}

TEST_F(Sockets, open_streams_do_not_hold_up_the_end) {
  auto watcher = connect();
  watcher.send_request("GET", "/events");
  EXPECT_EQ(watcher.read_head().status, 200);
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(daemon().terminate(), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(5));
}

} // namespace
} // namespace gantry::test
