#include "cli/commands/image/reference.hpp"

#include <gtest/gtest.h>

#include "invocation.hpp"

namespace gantry::cli::test {
namespace {

TEST(Reference, splits_at_the_tag_not_at_the_port) {
  EXPECT_EQ(with_default_tag("a"), "a:latest");
  EXPECT_EQ(with_default_tag("host:5000/a"), "host:5000/a:latest");
  EXPECT_EQ(split_reference("host:5000/a:1").tag, "1");
  EXPECT_EQ(split_reference("a@sha256:00").tag, "sha256:00");
}

TEST(Reference, upper_case_names_are_refused) {
  EXPECT_EQ(message_of([] { check_reference("BB"); }),
            "invalid reference format: repository name (library/BB) must be lowercase");
  EXPECT_EQ(message_of([] { check_reference("a b"); }), "invalid reference format");
  EXPECT_EQ(message_of([] { check_reference("host.Name/a:V1"); }), "no failure");
}

} // namespace
} // namespace gantry::cli::test
