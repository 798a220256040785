#include "api/websocket.hpp"

#include <sys/socket.h>

#include <chrono>
#include <memory>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>

namespace gantry::api {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;

namespace {

using Socket = asio::generic::stream_protocol::socket;
using Handshake = http::request<http::empty_body>;

constexpr std::size_t chunk = 64 << 10;
/// For the handshakes at the beginning and the end.
constexpr std::chrono::seconds patience{30};

Handshake handshake_of(const Request& request) {
  Handshake handshake;
  handshake.version(11);
  handshake.method(request.method == Method::get ? http::verb::get : http::verb::unknown);
  handshake.target("/");
  for (const auto& [name, value] : request.headers) handshake.insert(name, value);
  return handshake;
}

Socket adopt(asio::any_io_executor executor, UniqueFd fd) {
  return Socket(std::move(executor), asio::generic::stream_protocol(AF_UNIX, 0), fd.release());
}

/// Both ends of one session. Runs on one strand.
class Relay {
 public:
  Relay(Socket client, Socket stream) : client_(std::move(client)), stream_(std::move(stream)) {}

  Task<bool> accept(const Handshake& handshake, bool binary) {
    client_.read_message_max(0); // no limit: messages are passed on in pieces
    client_.set_option(websocket::stream_base::timeout{patience, websocket::stream_base::none(), false});
    client_.auto_fragment(false);
    client_.binary(binary);
    // The read that sees the close ends only when the client has closed its socket too: stdin does not wait for that.
    client_.control_callback([this](websocket::frame_type kind, beast::string_view) {
      if (kind == websocket::frame_type::close) end_stream();
    });
    beast::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    co_await client_.async_accept(handshake, token);
    co_return !error;
  }

  /// A WebSocket has no half to close: when the client closes, it has left.
  Task<void> client_to_stream() {
    std::vector<char> bytes(chunk);
    beast::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    while (!error) {
      const std::size_t n = co_await client_.async_read_some(asio::buffer(bytes), token);
      if (error) break;
      // A program that does not read any more still has output.
      beast::error_code deaf;
      auto written = asio::redirect_error(asio::use_awaitable, deaf);
      co_await asio::async_write(stream_, asio::buffer(bytes.data(), n), written);
    }
    end_stream();
  }

  Task<void> stream_to_client() {
    std::vector<char> bytes(chunk);
    beast::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    while (true) {
      const std::size_t n = co_await stream_.async_read_some(asio::buffer(bytes), token);
      if (error) break;
      co_await client_.async_write(asio::buffer(bytes.data(), n), token);
      if (error) break;
    }
    beast::error_code ignored;
    auto closed = asio::redirect_error(asio::use_awaitable, ignored);
    if (client_.is_open()) co_await client_.async_close(websocket::close_code::normal, closed);
  }

 private:
  void end_stream() {
    beast::error_code ignored;
    stream_.shutdown(Socket::shutdown_both, ignored);
  }

  websocket::stream<Socket> client_;
  Socket stream_;
};

Task<void> read_client(std::shared_ptr<Relay> relay, Latch done) {
  co_await relay->client_to_stream();
  done.set();
}

} // namespace

void require_websocket(const Request& request) {
  if (websocket::is_upgrade(handshake_of(request))) return;
  throw invalid(
      "not websocket protocol: the request needs the headers \"Connection: Upgrade\", \"Upgrade: websocket\" and "
      "\"Sec-WebSocket-Version\"");
}

Task<void> relay_websocket(const Request& request, Hijacked client, UniqueFd stream, bool binary) {
  // RFC 6455, 4.1: a client sends nothing before it has seen the reply.
  if (!client.pending.empty()) co_return;
  auto executor = co_await asio::this_coro::executor;
  auto relay = std::make_shared<Relay>(adopt(executor, std::move(client.socket)), adopt(executor, std::move(stream)));
  const Handshake handshake = handshake_of(request);
  if (!co_await relay->accept(handshake, binary)) co_return;
  Latch done;
  asio::co_spawn(executor, read_client(relay, done), asio::detached);
  co_await relay->stream_to_client();
  co_await done.wait();
}

} // namespace gantry::api
