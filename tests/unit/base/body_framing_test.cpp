#include "base/body_framing.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/error.hpp"

namespace gantry {
namespace {

/// Takes a body apart that arrives in pieces of `step` bytes; what is behind it stays in `rest`.
std::string content_of(BodyFraming framing, std::string bytes, std::size_t step, std::string& rest) {
  std::string content, here;
  while (!framing.is_done()) {
    if (here.empty()) {
      if (bytes.empty()) return content + "<cut>";
      here = bytes.substr(0, step);
      bytes.erase(0, here.size());
    }
    if (framing.content() == 0) {
      here.erase(0, framing.read(here));
    } else {
      const std::size_t n = std::min<std::uint64_t>(framing.content(), here.size());
      content += here.substr(0, n);
      framing.took(n);
      here.erase(0, n);
    }
  }
  rest = here + bytes;
  return content;
}

TEST(BodyFraming, finds_the_content_of_chunks_however_they_arrive) {
  const std::string body = "5\r\nhello\r\n1;a=\"b\"\r\n \r\n00b\r\nwide\r\nworld\r\n0\r\nTrailer: yes\r\n\r\nGET / HTTP/1.1";
  for (std::size_t step = 1; step < 20; ++step) {
    std::string rest;
    EXPECT_EQ(content_of(BodyFraming::chunked(), body, step, rest), "hello wide\r\nworld") << step;
    EXPECT_EQ(rest, "GET / HTTP/1.1") << step;
  }
}

TEST(BodyFraming, takes_a_body_of_a_known_length_as_it_is) {
  std::string rest;
  EXPECT_EQ(content_of(BodyFraming(5), "5\r\nheGET", 2, rest), "5\r\nhe");
  EXPECT_EQ(rest, "GET");
  EXPECT_TRUE(BodyFraming(0).is_done());
}

TEST(BodyFraming, tells_a_body_that_is_cut_off) {
  std::string rest;
  EXPECT_EQ(content_of(BodyFraming::chunked(), "5\r\nhel", 3, rest), "hel<cut>");
  EXPECT_EQ(content_of(BodyFraming::chunked(), "5\r\nhello\r\n0\r\n", 3, rest), "hello<cut>");
}

TEST(BodyFraming, refuses_what_frames_nothing) {
  const std::string far_too_long(20 << 10, 'x');
  for (const std::string& bytes :
       {std::string("\r\n"), std::string("g\r\n"), std::string("-1\r\n"), std::string("0x5\r\n"), std::string("5\nhello"),
        std::string("5\rhello"), std::string("5;a\nhello"), std::string("1\r\nab\r\n"), std::string("1\r\na\n"),
        std::string("0\r\nTrailer\n"), std::string("0\r\n\rx"), std::string("ffffffffffffffff\r\n"), std::string("5 5\n"),
        "1;" + far_too_long, "0\r\n" + far_too_long}) {
    std::string rest;
    EXPECT_THROW(content_of(BodyFraming::chunked(), bytes, 7, rest), Error) << bytes.substr(0, 40);
  }
}

} // namespace
} // namespace gantry
