#include "cli/client/http.hpp"

#include <gtest/gtest.h>

#include "cli/client/host.hpp"
#include "cli/client/query.hpp"
#include "invocation.hpp"

namespace gantry::cli::test {
namespace {

std::string sent_body(const std::string& answer) {
  Connection connection{{}, answer};
  const Head head = read_head(connection);
  BodyReader body(head, false);
  std::string all;
  while (!body.done()) all += body.next(connection);
  return std::to_string(head.status) + " " + all + (body.reusable() ? " kept" : " closed") +
         (connection.buffer.empty() ? "" : " +" + connection.buffer);
}

TEST(Http, reads_bodies_of_every_kind) {
  EXPECT_EQ(sent_body("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcNEXT"), "200 abc kept +NEXT");
  EXPECT_EQ(sent_body("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n"),
            "200 abcde kept");
  EXPECT_EQ(sent_body("HTTP/1.1 204 No Content\r\n\r\n"), "204  kept");
  EXPECT_EQ(sent_body("HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 1\r\n\r\nx"), "404 x closed");
}

TEST(Http, between_chunks_nothing_is_buffered) {
  Connection connection{{}, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"};
  const Head head = read_head(connection);
  BodyReader body(head, false);
  EXPECT_EQ(body.next(connection), "abc");
  EXPECT_EQ(connection.buffer, ""); // who polls the socket waits for more
}

TEST(Http, refuses_what_is_no_http) {
  EXPECT_NE(message_of([] { sent_body("SSH-2.0-OpenSSH\r\n\r\n"); }).find("it does not speak HTTP"), std::string::npos);
  EXPECT_NE(message_of([] { sent_body("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"); }).find("malformed chunk"),
            std::string::npos);
  EXPECT_NE(message_of([] { sent_body("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"); }).find("malformed Content-Length"),
            std::string::npos);
}

TEST(Http, queries_are_encoded) {
  EXPECT_EQ(Query({{"a b", "c&d=é"}}).add_if(false, "no").add("x", "").text(), "?a%20b=c%26d%3D%C3%A9&x=");
}

TEST(Host, addresses_are_taken_apart) {
  EXPECT_EQ(parse_host("unix:///a/b").path, "/a/b");
  EXPECT_EQ(parse_host("tcp://[::1]:99/x").name, "::1");
  EXPECT_EQ(parse_host("tcp://[::1]:99/x").port, "99");
  EXPECT_EQ(parse_host("tcp://h").port, "2375");
  EXPECT_EQ(message_of([] { parse_host("foo://a"); }),
            "invalid daemon address \"foo://a\": the scheme \"foo\" is not one of unix, tcp");
  EXPECT_EQ(message_of([] { parse_host("/run/x"); }),
            "invalid daemon address \"/run/x\": expected unix:///path or tcp://host:port");
}

} // namespace
} // namespace gantry::cli::test
