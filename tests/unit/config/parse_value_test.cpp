#include "config/parse_value.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

using namespace gantry;
using namespace gantry::config;

namespace {

TEST(ParseBytes, takes_binary_units) {
  const std::pair<const char*, std::int64_t> rows[] = {{"0", 0},
                                                       {"67108864", 64 << 20},
                                                       {"64m", 64 << 20},
                                                       {"64M", 64 << 20},
                                                       {"64MiB", 64 << 20},
                                                       {"64 mb", 64 << 20},
                                                       {"1.5g", 3LL << 29},
                                                       {"2k", 2048},
                                                       {"10b", 10}};
  for (const auto& [text, bytes] : rows) EXPECT_EQ(parse_bytes(text), bytes) << text;
  for (const char* text : {"", "m", "-1", "1x", "1mm", "1e400", "inf", "nan", "99999999p"})
    EXPECT_THROW(parse_bytes(text), Error) << text;
}

TEST(ParseHost, takes_unix_and_tcp) {
  EXPECT_EQ(parse_host("unix:///run/x.sock"), "unix:///run/x.sock");
  EXPECT_EQ(parse_host("/run/x.sock"), "unix:///run/x.sock");
  EXPECT_EQ(parse_host("tcp://0.0.0.0:2375"), "tcp://0.0.0.0:2375");
  EXPECT_EQ(parse_host("tcp://[::1]:2375"), "tcp://[::1]:2375");
  EXPECT_EQ(parse_host("tcp://:2375"), "tcp://127.0.0.1:2375");
  EXPECT_EQ(parse_host("localhost:2375"), "tcp://localhost:2375");
  for (const std::string text : {"", "unix://", "unix://relative", "tcp://", "tcp://host", "tcp://h:99999", "tcp://h:x",
                                 "tcp://::1:2375", "tcp://h:1/path", "npipe://x", "x"}) {
    EXPECT_THROW(parse_host(text), Error) << text;
  }
  EXPECT_THROW(parse_host("unix:///" + std::string(107, 'x')), Error);
}

TEST(ParseUlimit, takes_soft_and_hard) {
  const auto both = parse_ulimit("nofile=10:20");
  EXPECT_EQ(both.name, "nofile");
  EXPECT_EQ(both.soft, 10);
  EXPECT_EQ(both.hard, 20);
  EXPECT_EQ(parse_ulimit("core=-1").hard, -1);
  EXPECT_EQ(parse_ulimit("stack=5:unlimited").hard, -1);
  for (const char* text :
       {"", "nofile", "nofile=", "x=1", "nofile=20:10", "nofile=-1:10", "nofile=1:2:3", "NOFILE=1", "nofile=-2"}) {
    EXPECT_THROW(parse_ulimit(text), Error) << text;
  }
}

TEST(ParsePath, is_absolute_and_has_no_slash_at_its_end) {
  EXPECT_EQ(parse_path("/"), "/");
  EXPECT_EQ(parse_path("/a//"), "/a");
  for (const auto& text : {std::string(), std::string("a"), std::string("/a\nb"), std::string("/a\0b", 4)})
    EXPECT_THROW(parse_path(text), Error);
}

} // namespace
