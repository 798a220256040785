#include "volume-docker/message.hpp"

#include <gtest/gtest.h>

#include <gantry/sdk/error.hpp>

namespace gantry::volume_docker {
namespace {

TEST(PluginMessage, is_a_post_of_json) {
  EXPECT_EQ(make_request("/VolumeDriver.Get", "{}"),
            "POST /VolumeDriver.Get HTTP/1.1\r\nHost: plugin\r\nConnection: close\r\n"
            "Accept: application/vnd.docker.plugins.v1.2+json\r\nContent-Type: application/vnd.docker.plugins.v1.2+json\r\n"
            "Content-Length: 2\r\n\r\n{}");
}

struct Good {
  const char *name, *bytes;
  bool ended;
  int status;
  const char* body;
};

TEST(PluginMessage, answers_end_where_they_say) {
  const Good rows[] = {
      {"length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}rest", false, 200, "{}"},
      {"case and blanks", "HTTP/1.0 500 x\r\ncontent-LENGTH:   2  \r\n\r\n{}", false, 500, "{}"},
      {"chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x=y\r\n{\r\n1\r\n}\r\n0\r\n\r\n", false, 200, "{}"},
      {"end of connection", "HTTP/1.0 200 OK\r\n\r\n{}", true, 200, "{}"},
      {"nothing", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", false, 204, ""},
  };
  for (const Good& row : rows) {
    const auto answer = parse_answer(row.bytes, row.ended);
    ASSERT_TRUE(answer.has_value()) << row.name;
    EXPECT_EQ(answer->status, row.status) << row.name;
    EXPECT_EQ(answer->body, row.body) << row.name;
  }
}

TEST(PluginMessage, whole_answers_are_waited_for) {
  const std::string whole = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n";
  for (std::size_t n = 0; n < whole.size() - 2; ++n) {
    EXPECT_FALSE(parse_answer(whole.substr(0, n), false).has_value()) << n;
    EXPECT_THROW((void)parse_answer(whole.substr(0, n), true), Error) << n;
  }
}

TEST(PluginMessage, garbage_is_refused) {
  const char* const rows[] = {"\x01\xff garbage",
                              "SSH-2.0-x\r\n\r\n",
                              "HTTP/1.1 abc OK\r\n\r\n",
                              "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
                              "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                              "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
                              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"};
  for (const char* row : rows) EXPECT_THROW((void)parse_answer(row, false), Error) << row;
  EXPECT_THROW((void)parse_answer("HTTP/1.1 200 OK\r\n" + std::string(longest_answer, 'x'), false), Error);
}

} // namespace
} // namespace gantry::volume_docker
