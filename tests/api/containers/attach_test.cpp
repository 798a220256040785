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

TEST_F(Attach, a_client_that_does_not_read_holds_up_nobody_for_a_mebibyte) {
  create("cat", R"(["cat"])", R"(,"OpenStdin":true)");
  start("cat");
  auto stuck = connect();
  EXPECT_EQ(upgrade(stuck, "/containers/cat/attach?stream=1&stdout=1").status, 101);
  auto stream = connect();
  EXPECT_EQ(upgrade(stream, "/containers/cat/attach?stream=1&stdin=1&stdout=1").status, 101);
  // More than the sockets in between hold, less than the buffer of a client.
  const std::string sent(900 << 10, 'x');
  std::size_t echoed = 0;
  for (std::size_t at = 0; at < sent.size(); at += 50 << 10) {
    stream.send(sent.substr(at, 50 << 10));
    while (echoed < at + (50 << 10)) {
      const std::string head = stream.read_bytes(8);
      std::size_t size = 0;
      for (const char c : head.substr(4)) size = size << 8 | static_cast<unsigned char>(c);
      echoed += stream.read_bytes(size).size();
    }
  }
  EXPECT_EQ(echoed, sent.size());
}

TEST_F(Attach, several_clients_see_the_same) {
  create("cat", R"(["cat"])", R"(,"OpenStdin":true,"StdinOnce":true)");
  start("cat");
  auto watcher = connect(), typist = connect();
  EXPECT_EQ(upgrade(watcher, "/containers/cat/attach?stream=1&stdout=1").status, 101);
  EXPECT_EQ(upgrade(typist, "/containers/cat/attach?stream=1&stdin=1&stdout=1").status, 101);
  typist.send("both\n");
  typist.shutdown_write();
  EXPECT_EQ(frames_of(typist.read_to_end(), 1), "both\n");
  EXPECT_EQ(frames_of(watcher.read_to_end(), 1), "both\n");
}

TEST_F(Attach, detach_keys_without_a_terminal_are_ordinary_input) {
  create("cat", R"(["cat"])", R"(,"OpenStdin":true,"StdinOnce":true)");
  start("cat");
  auto stream = connect();
  EXPECT_EQ(upgrade(stream, "/containers/cat/attach?stream=1&stdin=1&stdout=1&detachKeys=ctrl-a,x").status, 101);
  stream.send("\x01x");
  stream.shutdown_write();
  EXPECT_EQ(frames_of(stream.read_to_end(), 1), "\x01x");
  EXPECT_EQ(client().post("/containers/cat/attach?stream=1&detachKeys=ctrl-1").body,
            "{\"message\":\"Invalid detach keys (ctrl-1) provided\"}\n");
}

TEST_F(Attach, replays_the_log_before_what_comes_next) {
  create("cat", R"(["cat"])", R"(,"OpenStdin":true,"StdinOnce":true)");
  start("cat");
  auto first = connect();
  EXPECT_EQ(upgrade(first, "/containers/cat/attach?stream=1&stdin=1&stdout=1").status, 101);
  first.send("before\n");
  EXPECT_EQ(first.read_bytes(15).substr(8), "before\n");
  auto late = connect();
  EXPECT_EQ(upgrade(late, "/containers/cat/attach?logs=1&stream=1&stdout=1").status, 101);
  first.send("after\n");
  first.shutdown_write();
  EXPECT_EQ(frames_of(late.read_to_end(), 1), "before\nafter\n");
}

} // namespace
} // namespace gantry::test
