#include "api/detach_keys.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace gantry::api {
namespace {

TEST(DetachKeys, become_bytes) {
  EXPECT_EQ(parse_detach_keys("ctrl-p,ctrl-q"), "\x10\x11");
  EXPECT_EQ(parse_detach_keys("a"), "a");
  EXPECT_EQ(parse_detach_keys("a,ctrl-a"), "a\x01");
  EXPECT_EQ(parse_detach_keys("ctrl-@"), std::string(1, '\0'));
  EXPECT_EQ(parse_detach_keys("ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_"), "\x1b\x1c\x1d\x1e\x1f");
  EXPECT_EQ(parse_detach_keys(""), "");
}

TEST(DetachKeys, others_are_refused_in_dockers_words) {
  for (const std::string text : {"ctrl-", "ctrl-A", "ctrl-zz", "ab", ",", "a,", "ctrl-1"}) {
    try {
      parse_detach_keys(text);
      ADD_FAILURE() << "accepted " << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.what(), "Invalid detach keys (" + text + ") provided");
      EXPECT_EQ(error.code(), Code::invalid);
    }
  }
}

} // namespace
} // namespace gantry::api
