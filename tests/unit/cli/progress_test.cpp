#include "cli/streams/progress.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/failure.hpp"
#include "gantry/sdk/fd.hpp"
#include "invocation.hpp"

namespace gantry::cli::test {
namespace {

TEST(Progress, a_bar_fills_up) {
  EXPECT_EQ(progress_bar(0, 100, 10), "");
  EXPECT_EQ(progress_bar(50, 100, 10), " [=====>     ] 50B/100B");
  EXPECT_EQ(progress_bar(100, 100, 10), " [==========>] 100B/100B");
  EXPECT_EQ(progress_bar(300, 100, 10), " [==========>] 300B/100B");
  EXPECT_EQ(progress_bar(2500000, 0, 10), " 2.5MB");
}

TEST(Progress, rate_and_rest_are_told_once_there_is_something_to_measure) {
  EXPECT_EQ(rate_and_rest(1000, 0.1, 5000), "");
  EXPECT_EQ(rate_and_rest(0, 10, 5000), "");
  EXPECT_EQ(rate_and_rest(8e6, 1, 24e6), " 8MB/s 3s");
  EXPECT_EQ(rate_and_rest(8e6, 1, 600e6), " 8MB/s 1m15s");
  EXPECT_EQ(rate_and_rest(1e6, 1, 7260e6), " 1MB/s 2h1m");
  EXPECT_EQ(rate_and_rest(8e6, 1, 0), " 8MB/s");
}

TEST(Progress, without_a_terminal_steps_are_lines_and_bytes_are_none) {
  const UniqueFd out(::memfd_create("out", MFD_CLOEXEC));
  Progress progress(out.get());
  progress.feed(R"({"status":"Pulling fs layer","progressDetail":{},"id":"abc"})"
                "\r\n"
                R"({"status":"Downloading","progressDetail":{"current":5,"total":10},"id":"abc"})"
                "\r\n"
                R"({"status":"Digest: x"})"
                "\r\n");
  char text[200] = {};
  ASSERT_GT(::pread(out.get(), text, sizeof text - 1, 0), 0);
  EXPECT_STREQ(text, "abc: Pulling fs layer\nDigest: x\n");
  EXPECT_EQ(message_of([&] {
              progress.feed(R"({"errorDetail":{"message":"no"},"error":"no"})"
                            "\r\n");
            }),
            "no");
}

} // namespace
} // namespace gantry::cli::test
