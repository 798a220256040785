#include "api/linger.hpp"

#include <chrono>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

namespace gantry::api {

namespace asio = boost::asio;

namespace {

Task<void> discard(Socket& socket) {
  std::vector<char> bytes(64 << 10);
  boost::system::error_code error;
  while (!error) {
    auto token = asio::redirect_error(asio::use_awaitable, error);
    auto buffer = asio::buffer(bytes);
    co_await socket.async_read_some(buffer, token);
  }
}

} // namespace

Task<void> linger(Socket& socket) {
  using namespace asio::experimental::awaitable_operators;
  boost::system::error_code ignored;
  socket.shutdown(Socket::shutdown_send, ignored);
  asio::steady_timer limit(socket.get_executor(), std::chrono::seconds(10));
  co_await (discard(socket) || limit.async_wait(asio::use_awaitable));
}

} // namespace gantry::api
