#include "support/api_test.hpp"

namespace gantry::test {
namespace {

using Attach = ApiTest;

TEST_F(Attach, before_start_loses_nothing_and_is_framed) {
  create("hi", R"(["env"])");
  auto stream = connect();
  EXPECT_EQ(upgrade(stream, "/containers/hi/attach?stream=1&stdout=1&stderr=1").status, 101);
  start("hi");
  const auto bytes = stream.read_to_end();
  EXPECT_NE(frames_of(bytes, 1).find("PATH="), std::string::npos);
  EXPECT_EQ(frames_of(bytes, 2), "");
}

TEST_F(Attach, bytes_behind_the_request_are_stdin_and_half_close_ends_it) {
  create("cat", R"(["cat"])", R"(,"OpenStdin":true,"StdinOnce":true)");
  auto stream = connect();
  stream.send(
      "POST /containers/cat/attach?stream=1&stdin=1&stdout=1 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: "
      "tcp\r\n\r\nearly\n");
  EXPECT_EQ(stream.read_head().status, 101);
  start("cat");
  stream.send("late\n");
  stream.shutdown_write();
  EXPECT_EQ(frames_of(stream.read_to_end(), 1), "early\nlate\n");
  EXPECT_EQ(client().post("/containers/cat/wait").body, "{\"StatusCode\":0}\n");
}

TEST_F(Attach, a_terminal_is_raw) {
  create("tty", R"(["env"])", R"(,"Tty":true)");
  auto stream = connect();
  const auto head = upgrade(stream, "/containers/tty/attach?stream=1&stdout=1");
  EXPECT_EQ(head.header("Content-Type"), "application/vnd.docker.raw-stream");
  start("tty");
  EXPECT_NE(stream.read_to_end().find("TERM=xterm\r\n"), std::string::npos);
}

TEST_F(Attach, detach_keys_leave_the_container_running) {
  create("tty", R"(["cat"])", R"(,"Tty":true,"OpenStdin":true)");
  start("tty");
  auto stream = connect();
  EXPECT_EQ(upgrade(stream, "/containers/tty/attach?stream=1&stdin=1&stdout=1&detachKeys=ctrl-a,x").status, 101);
  stream.send("\x01x");
  EXPECT_TRUE(stream.closed());
  EXPECT_NE(client().get("/containers/tty/json").body.find("\"Running\":true"), std::string::npos);
}

TEST_F(Attach, to_a_paused_container_is_a_conflict) {
  create("cat", R"(["sleep","60"])");
  start("cat");
  ASSERT_EQ(client().post("/containers/cat/pause").status, 204);
  EXPECT_EQ(client().post("/containers/cat/attach?stream=1&stdout=1").status, 409);
  EXPECT_EQ(client().post("/containers/cat/unpause").status, 204);
}

} // namespace
} // namespace gantry::test
