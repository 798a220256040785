#include "api/tls/relay.hpp"

#include <chrono>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include "api/linger.hpp"
#include "base/log.hpp"

namespace gantry::api {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;

namespace {

constexpr auto handshake_limit = std::chrono::seconds(10);

class Relay {
 public:
  Relay(const asio::any_io_executor& executor, UniqueFd client, UniqueFd plain, std::shared_ptr<ssl::context> context)
      : context_(std::move(context)),
        // Of the family only "not unix" matters to Asio.
        client_(Socket(executor, {AF_INET, 0}, client.release()), *context_),
        plain_(executor, {AF_UNIX, 0}, plain.release()) {}

  Task<void> run() {
    using namespace asio::experimental::awaitable_operators;
    asio::steady_timer limit(plain_.get_executor(), handshake_limit);
    boost::system::error_code refused;
    auto token = asio::redirect_error(asio::use_awaitable, refused);
    // An error must not let the other side of || run on.
    const auto first =
        co_await (client_.async_handshake(ssl::stream_base::server, token) || limit.async_wait(asio::use_awaitable));
    if (first.index() != 0 || refused) co_return;
    co_await (from_client() || to_client());
    co_await say_end();
    co_await linger(client_.next_layer());
  }

 private:
  /// Never ends by itself: a client that has no more to say still wants to hear.
  Task<void> from_client() {
    std::vector<char> bytes(32 << 10);
    boost::system::error_code error;
    while (!error) {
      auto token = asio::redirect_error(asio::use_awaitable, error);
      const auto size = co_await client_.async_read_some(asio::buffer(bytes), token);
      if (!error) co_await asio::async_write(plain_, asio::buffer(bytes.data(), size), token);
    }
    boost::system::error_code ignored;
    plain_.shutdown(Socket::shutdown_send, ignored);
    asio::steady_timer for_ever(plain_.get_executor(), asio::steady_timer::time_point::max());
    co_await for_ever.async_wait(asio::use_awaitable);
  }

  Task<void> to_client() {
    std::vector<char> bytes(32 << 10);
    boost::system::error_code error;
    while (!error) {
      auto token = asio::redirect_error(asio::use_awaitable, error);
      const auto size = co_await plain_.async_read_some(asio::buffer(bytes), token);
      if (!error) co_await asio::async_write(client_, asio::buffer(bytes.data(), size), token);
    }
  }

  /// Sends close_notify without waiting for the client's.
  Task<void> say_end() {
    boost::system::error_code ignored;
    ::SSL_set_shutdown(client_.native_handle(), SSL_RECEIVED_SHUTDOWN);
    co_await client_.async_shutdown(asio::redirect_error(asio::use_awaitable, ignored));
  }

  std::shared_ptr<ssl::context> context_;
  ssl::stream<Socket> client_;
  Socket plain_;
};

Task<void> run(std::unique_ptr<Relay> relay) {
  try {
    co_await relay->run();
  } catch (const std::exception& problem) {
    log::debug(std::string("api: TLS client: ") + problem.what());
  }
}

} // namespace

void relay_tls(const asio::any_io_executor& executor, UniqueFd client, UniqueFd plain, std::shared_ptr<ssl::context> context) {
  auto relay = std::make_unique<Relay>(executor, std::move(client), std::move(plain), std::move(context));
  asio::co_spawn(executor, run(std::move(relay)), asio::detached);
}

} // namespace gantry::api
