#include <gtest/gtest.h>

#include "cli/streams/session.hpp"
#include "invocation.hpp"

namespace gantry::cli::test {
namespace {

TEST(DetachKeys, become_the_bytes_of_a_terminal) {
  EXPECT_EQ(detach_sequence(""), "\x10\x11");
  EXPECT_EQ(detach_sequence("ctrl-a,x,ctrl-["), "\x01x\x1b");
  EXPECT_EQ(message_of([] { detach_sequence("zz"); }), "Unknown character: 'zz'");
}

} // namespace
} // namespace gantry::cli::test
