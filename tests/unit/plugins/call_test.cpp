#include "plugins/call.hpp"

#include <gtest/gtest.h>
#include <poll.h>

namespace gantry::plugins {
namespace {

bool readable(int fd) {
  pollfd poll_fd{fd, POLLIN, 0};
  return ::poll(&poll_fd, 1, 0) == 1;
}

TEST(CancellableCall, wakes_who_waits_on_its_descriptor) {
  const auto call = make_call();
  const int fd = call->cancel_fd();
  EXPECT_FALSE(call->cancelled());
  EXPECT_FALSE(readable(fd));
  call->cancel();
  call->cancel();
  EXPECT_TRUE(call->cancelled());
  EXPECT_TRUE(readable(fd));
}

TEST(CancellableCall, has_a_readable_descriptor_when_it_was_cancelled_before) {
  const auto call = make_call();
  call->cancel();
  EXPECT_TRUE(readable(call->cancel_fd()));
}

} // namespace
} // namespace gantry::plugins
