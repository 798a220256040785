#include "containers/log_policy.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "containers/byte_size.hpp"

namespace gantry::containers {
namespace {

LogConfig json_file(std::map<std::string, std::string> options) { return {"json-file", std::move(options)}; }

TEST(LogPolicy, rotates_by_default) {
  const LogPolicy policy = make_log_policy(json_file({}), "/x");
  EXPECT_EQ(policy.format, "json-file");
  EXPECT_EQ(policy.path, "/x");
  EXPECT_EQ(policy.max_bytes, 20U << 20);
  EXPECT_EQ(policy.max_files, 5U);
}

TEST(LogPolicy, takes_size_and_number_from_the_options) {
  const LogPolicy policy = make_log_policy(json_file({{"max-size", "10k"}, {"max-file", "3"}}), "/x");
  EXPECT_EQ(policy.max_bytes, 10240U);
  EXPECT_EQ(policy.max_files, 3U);
}

TEST(LogPolicy, minus_one_never_rotates) { EXPECT_EQ(make_log_policy(json_file({{"max-size", "-1"}}), "/x").max_bytes, 0U); }

TEST(LogPolicy, options_of_the_daemon_fill_in_what_the_user_left_open) {
  LogConfig config;
  config.config = {{"max-file", "2"}};
  complete_log_config(config, "json-file", {{"max-file", "9"}, {"max-size", "1m"}});
  EXPECT_EQ(config.type, "json-file");
  EXPECT_EQ(config.config, (std::map<std::string, std::string>{{"max-file", "2"}, {"max-size", "1m"}}));
}

std::string refusal(LogConfig config) {
  try {
    complete_log_config(config, "json-file", {});
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

TEST(LogPolicy, refuses_what_it_does_not_know) {
  EXPECT_EQ(refusal({"foo", {}}), "error looking up logging plugin foo: plugin \"foo\" not found");
  EXPECT_EQ(refusal(json_file({{"foo", "x"}})), "unknown log opt 'foo' for json-file log driver");
  EXPECT_NE(refusal(json_file({{"max-size", "x"}})), "");
  EXPECT_NE(refusal(json_file({{"max-file", "0"}})), "");
}

TEST(ByteSize, reads_dockers_suffixes) {
  EXPECT_EQ(parse_byte_size("512"), 512);
  EXPECT_EQ(parse_byte_size("10k"), 10240);
  EXPECT_EQ(parse_byte_size("1.5GB"), 1610612736);
  EXPECT_EQ(parse_byte_size("2MiB"), 2097152);
  EXPECT_EQ(parse_byte_size("7b"), 7);
  for (const char* bad : {"", "x", "-1", "10q", "10kk", "1e400", "nan", "99999999999p"})
    EXPECT_FALSE(parse_byte_size(bad)) << bad;
}

} // namespace
} // namespace gantry::containers
