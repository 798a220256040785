#include "registry/credentials.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace gantry::registry {
namespace {

TEST(Credentials, base64_goes_both_ways) {
  for (const std::string text : {"", "a", "ab", "abc", "user:secret"}) {
    std::string back;
    ASSERT_TRUE(base64_decode(base64_encode(text), back));
    EXPECT_EQ(back, text);
  }
  std::string bytes;
  EXPECT_TRUE(base64_decode("-_-_", bytes));
  EXPECT_EQ(bytes, "\xfb\xff\xbf");
  EXPECT_FALSE(base64_decode("????", bytes));
  EXPECT_FALSE(base64_decode("a", bytes));
}

TEST(Credentials, come_from_the_header) {
  const auto c = credentials_of_header(base64_encode(R"({"username":"u","password":"p","identitytoken":"t"})"));
  EXPECT_EQ(c.username, "u");
  EXPECT_EQ(c.password, "p");
  EXPECT_EQ(c.identity_token, "t");
  EXPECT_EQ(credentials_of_header(base64_encode(R"({"auth":")" + base64_encode("a:b:c") + "\"}")).password, "b:c");
}

TEST(Credentials, a_header_that_cannot_be_decoded_is_nobody) {
  for (const std::string header : {"", "????", "e30=", "bm8ganNvbg==", "W10="})
    EXPECT_TRUE(credentials_of_header(header).empty());
  EXPECT_TRUE(credentials_of_header(base64_encode(R"({"username":7})")).empty());
  EXPECT_THROW(credentials_of(Json::parse(R"({"username":7})")), Error);
}

} // namespace
} // namespace gantry::registry
