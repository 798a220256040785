// The rules of HTTP that hold for every operation.
#include "api_fixture.hpp"

namespace gantry::test {
namespace {

using Http = ApiTest;

TEST_F(Http, every_reply_carries_dockers_headers) {
  for (const auto* target : {"/_ping", "/v1.44/containers/json", "/containers/nope/json", "/nowhere", "/v1.99/info"}) {
    const auto reply = client.get(target);
    EXPECT_EQ(reply.header("Api-Version"), "1.51") << target;
    EXPECT_EQ(reply.header("Docker-Experimental"), "false") << target;
    EXPECT_EQ(reply.header("Ostype"), "linux") << target;
    EXPECT_EQ(reply.header("Server").rfind("Docker/", 0), 0U) << target;
  }
}

TEST_F(Http, ping_answers_get_and_head) {
  const auto got = client.get("/_ping");
  EXPECT_EQ(got.body, "OK");
  EXPECT_EQ(got.header("Cache-Control"), "no-cache, no-store, must-revalidate");
  const auto head = client.request("HEAD", "/_ping");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("Content-Length"), "0");
}

TEST_F(Http, unknown_path_and_wrong_method_are_both_not_found) {
  for (const auto& [method, target] :
       {std::pair{"GET", "/nowhere"}, {"DELETE", "/info"}, {"GET", "/v1.40/x/y"}, {"POST", "/_ping"}}) {
    const auto reply = client.request(method, target);
    EXPECT_EQ(reply.status, 404) << target;
    EXPECT_EQ(reply.body, "{\"message\":\"page not found\"}\n") << target;
  }
}

TEST_F(Http, versions_outside_of_the_window_are_refused) {
  const auto future = client.get("/v1.99/info");
  EXPECT_EQ(future.status, 400);
  EXPECT_EQ(future.body, "{\"message\":\"client version 1.99 is too new. Maximum supported API version is 1.51\"}\n");
  const auto past = client.get("/v1.23/info");
  EXPECT_EQ(past.status, 400);
  EXPECT_EQ(past.header("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(
      past.body,
      "client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version\n");
}

TEST_F(Http, errors_are_a_message_in_json) {
  const auto reply = client.get("/containers/nope/json");
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.header("Content-Type"), "application/json");
  EXPECT_EQ(reply.body, "{\"message\":\"No such container: nope\"}\n");
}

TEST_F(Http, bodies_must_be_one_json_document_of_the_right_type) {
  const std::string target = "/containers/create";
  EXPECT_EQ(client.request("POST", target, {{"Content-Type", "text/plain"}}, "{}").status, 400);
  EXPECT_EQ(client.post_json(target, R"({"Image":)").status, 400);
  EXPECT_EQ(client.post_json(target, R"({"Image":"app"} {})").body, "{\"message\":\"unexpected content after JSON\"}\n");
  EXPECT_EQ(client.post_json(target, R"({"Image":5})").status, 400);
  EXPECT_EQ(client.post_json(target, R"([1])").status, 400);
  EXPECT_EQ(client.post_json(target, "null").status, 400);
  EXPECT_EQ(client.post(target).status, 400);
}

TEST_F(Http, a_connection_serves_many_requests) {
  for (int i = 0; i < 100; ++i) ASSERT_EQ(client.get("/_ping").body, "OK");
}

TEST_F(Http, pipelined_requests_are_answered_in_order) {
  client.send(
      "GET /_ping HTTP/1.1\r\nHost: a\r\n\r\nGET /nowhere HTTP/1.1\r\nHost: a\r\n\r\nHEAD /_ping HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.read_reply().status, 200);
  EXPECT_EQ(client.read_reply().status, 404);
  EXPECT_EQ(client.read_reply(true).status, 200);
}

TEST_F(Http, a_request_may_arrive_byte_by_byte) {
  for (const char c : std::string("GET /_ping HTTP/1.1\r\nHost: a\r\n\r\n")) client.send({&c, 1});
  EXPECT_EQ(client.read_reply().body, "OK");
}

TEST_F(Http, connection_close_and_http_1_0_end_the_connection) {
  client.send("GET /_ping HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.read_head().header("Connection"), "close");
  EXPECT_EQ(client.read_to_end(), "OK");
  auto old = connect();
  old.send("GET /_ping HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.read_head().status, 200);
  EXPECT_EQ(old.read_to_end(), "OK");
}

TEST_F(Http, an_expected_continue_is_given) {
  client.send(
      "POST /containers/create HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_head().status, 100);
  client.send("{}");
  EXPECT_EQ(client.read_reply().status, 400);
}

TEST_F(Http, chunked_bodies_are_read) {
  client.send(
      "POST /containers/create HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
      "8\r\n{\"Image\"\r\n7\r\n:\"app\"}\r\n0\r\n\r\n");
  EXPECT_EQ(client.read_reply().status, 201);
}

TEST_F(Http, what_is_no_http_is_refused_and_cut) {
  client.send("hello\r\n\r\n");
  EXPECT_EQ(client.read_reply().status, 400);
  auto other = connect();
  other.send("GET /_ping HTTP/1.1\r\nContent-Length: x\r\n\r\n");
  EXPECT_EQ(other.read_reply().status, 400);
}

TEST_F(Http, heads_and_bodies_have_a_limit) {
  client.send("GET /_ping HTTP/1.1\r\nHost: a\r\nX-Long: " + std::string(300 << 10, 'x'));
  EXPECT_EQ(client.read_reply().status, 431);
  auto declared = connect();
  declared.send(
      "POST /containers/create HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n");
  EXPECT_EQ(declared.read_reply().status, 413);
}

TEST_F(Http, a_chunked_body_cannot_grow_without_a_limit) {
  auto endless = connect();
  endless.send(
      "POST /containers/create HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
  const auto chunk = "100000\r\n" + std::string(1 << 20, ' ') + "\r\n";
  try {
    for (int i = 0; i < 64; ++i) endless.send(chunk);
  } catch (const std::runtime_error&) {
    // The server stopped listening before the end: its answer is there all the same.
  }
  EXPECT_EQ(endless.read_reply().status, 413);
}

TEST_F(Http, targets_may_be_absolute_and_escaped) {
  EXPECT_EQ(client.get("http://docker/v1.44/_ping").body, "OK");
  EXPECT_EQ(client.get("/%5fping").body, "OK");
  EXPECT_EQ(client.get("/containers/%zz/json").status, 400);
  EXPECT_EQ(client.get("/containers/a%00b/json").status, 400);
}

TEST_F(Http, a_client_that_leaves_in_the_middle_harms_nobody) {
  for (const std::string part : {"GET /_p", "POST /containers/create HTTP/1.1\r\nContent-Length: 100\r\n\r\n{"}) {
    auto other = connect();
    other.send(part);
    other.disconnect();
  }
  EXPECT_EQ(client.get("/_ping").body, "OK");
}

} // namespace
} // namespace gantry::test
