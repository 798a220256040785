#include "api/version.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace gantry::api {
namespace {

std::string version_refusal(ApiVersion version) {
  try {
    check_version(version);
  } catch (const Error& error) {
    return error.code() == Code::invalid ? error.what() : "another code";
  }
  return "";
}

TEST(ApiVersion, compares_by_number_and_not_by_text) {
  EXPECT_LT((ApiVersion{1, 9}), (ApiVersion{1, 24}));
  EXPECT_GT((ApiVersion{2, 0}), (ApiVersion{1, 99}));
}

TEST(ApiVersion, parses_two_numbers_only) {
  EXPECT_EQ(parse_version("1.44"), (ApiVersion{1, 44}));
  for (const auto* text : {"", "1", "1.", ".1", "1.2.3", "a.b", "1.-2", "99999.1", "1.44 "})
    EXPECT_FALSE(parse_version(text)) << text;
}

TEST(ApiVersion, the_whole_window_is_served) {
  EXPECT_EQ(version_refusal(oldest_version), "");
  EXPECT_EQ(version_refusal(newest_version), "");
}

TEST(ApiVersion, refuses_outside_of_the_window_in_dockers_words) {
  EXPECT_EQ(
      version_refusal({1, 23}),
      "client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version");
  EXPECT_EQ(version_refusal({1, 99}), "client version 1.99 is too new. Maximum supported API version is 1.51");
}

} // namespace
} // namespace gantry::api
