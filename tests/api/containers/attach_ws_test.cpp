#include <cstdint>

#include "support/api_test.hpp"

namespace gantry::test {
namespace {

/// What a WebSocket client does (RFC 6455), by hand.
class AttachWebSocket : public ApiTest {
 protected:
  HttpReply open(HttpClient& stream, const std::string& target) {
    stream.send_request("GET", target,
                        {{"Connection", "Upgrade"},
                         {"Upgrade", "websocket"},
                         {"Sec-WebSocket-Version", "13"},
                         {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}});
    return stream.read_head();
  }

  void send_frame(HttpClient& stream, int opcode, const std::string& payload) {
    std::string frame(1, static_cast<char>(0x80 | opcode));
    const std::size_t n = payload.size();
    if (n < 126) {
      frame += static_cast<char>(0x80 | n);
    } else {
      frame += static_cast<char>(0x80 | 127);
      for (int shift = 56; shift >= 0; shift -= 8) frame += static_cast<char>(std::uint64_t{n} >> shift & 255);
    }
    frame += std::string(4, '\0'); // a mask of zeros
    stream.send(frame + payload);
  }

  struct Frame {
    int opcode = 0;
    std::string payload;
  };
  Frame read_frame(HttpClient& stream) {
    const std::string head = stream.read_bytes(2);
    std::uint64_t size = static_cast<unsigned char>(head[1]) & 127U;
    if (size >= 126) {
      const std::string more = stream.read_bytes(size == 126 ? 2 : 8);
      size = 0;
      for (const char c : more) size = size << 8 | static_cast<unsigned char>(c);
    }
    return {head[0] & 15, stream.read_bytes(size)};
  }

  /// Payloads up to the close frame, whose opcode is 8. `kind`: opcode of the messages.
  std::string read_messages(HttpClient& stream, int kind = 2) {
    std::string text;
    for (Frame frame = read_frame(stream); frame.opcode != 8; frame = read_frame(stream)) {
      EXPECT_EQ(frame.opcode, kind);
      text += frame.payload;
    }
    send_frame(stream, 8, "\x03\xe8");
    return text;
  }
};

TEST_F(AttachWebSocket, sends_both_streams_unframed_in_binary_messages) {
  create("ws", R"(["nosuchcommand"])");
  auto stream = connect();
  const HttpReply head = open(stream, "/containers/ws/attach/ws?stream=1&stdout=1&stderr=1");
  EXPECT_EQ(head.status, 101);
  EXPECT_EQ(head.header("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  start("ws");
  EXPECT_EQ(read_messages(stream).substr(0, 30), "hello: unknown command 'nosuch");
  EXPECT_TRUE(stream.closed());
}

TEST_F(AttachWebSocket, carries_stdin_large_messages_and_answers_pings) {
  create("ws", R"(["cat"])", R"(,"OpenStdin":true,"StdinOnce":true)");
  start("ws");
  auto stream = connect();
  ASSERT_EQ(open(stream, "/containers/ws/attach/ws?stream=1&stdin=1&stdout=1").status, 101);
  send_frame(stream, 9, "are you there");
  const Frame pong = read_frame(stream);
  EXPECT_EQ(pong.opcode, 10);
  EXPECT_EQ(pong.payload, "are you there");
  const std::string large(100'000, 'x'); // fits into what lies between: it is sent before anything is read
  send_frame(stream, 2, large);
  std::string echo;
  while (echo.size() < large.size()) echo += read_frame(stream).payload;
  EXPECT_TRUE(echo == large);
  // To close is to leave, which ends stdin.
  send_frame(stream, 8, "\x03\xe8");
  EXPECT_EQ(read_frame(stream).opcode, 8);
  EXPECT_EQ(client().post("/containers/ws/wait").body, "{\"StatusCode\":0}\n");
}

TEST_F(AttachWebSocket, old_clients_get_all_streams_as_text) {
  create("ws", R"(["env"])");
  auto stream = connect();
  ASSERT_EQ(open(stream, "/v1.27/containers/ws/attach/ws?stream=1").status, 101);
  start("ws");
  EXPECT_NE(read_messages(stream, 1).find("PATH="), std::string::npos);
}

TEST_F(AttachWebSocket, only_what_was_asked_for_is_sent) {
  create("ws", R"(["env"])");
  auto stream = connect();
  ASSERT_EQ(open(stream, "/v1.44/containers/ws/attach/ws?stream=1&stderr=1").status, 101);
  start("ws");
  EXPECT_EQ(read_messages(stream), "");
}

TEST_F(AttachWebSocket, replays_the_log) {
  create("ws", R"(["env"])");
  start("ws");
  client().post("/containers/ws/wait");
  auto stream = connect();
  ASSERT_EQ(open(stream, "/containers/ws/attach/ws?logs=1&stdout=1").status, 101);
  EXPECT_NE(read_messages(stream).find("PATH="), std::string::npos);
}

TEST_F(AttachWebSocket, refuses_what_is_no_handshake_and_what_cannot_be_attached_to) {
  create("ws", R"(["sleep","60"])");
  const HttpReply plain = client().get("/containers/ws/attach/ws?stream=1");
  EXPECT_EQ(plain.status, 400);
  EXPECT_NE(plain.body.find("not websocket protocol"), std::string::npos) << plain.body;
  EXPECT_EQ(client().get("/containers/nosuch/attach/ws?stream=1").status, 404);
  EXPECT_EQ(client().get("/containers/ws/attach/ws?detachKeys=ctrl-1").status, 400);
  start("ws");
  client().post("/containers/ws/pause");
  EXPECT_EQ(client().get("/containers/ws/attach/ws?stream=1").status, 409);
  client().post("/containers/ws/unpause");
}

} // namespace
} // namespace gantry::test
