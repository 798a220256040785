#include "api/body_pump.hpp"

#include <fcntl.h>

#include <array>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>

namespace gantry::api {

namespace asio = boost::asio;
namespace http = boost::beast::http;

UniqueFd BodyPump::pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw os_error("pipe for the request body", errno);
  UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  ::fcntl(writer.get(), F_SETPIPE_SZ, 1 << 20); // fewer wake-ups; refused for some users, which is fine
  started_ = true;
  asio::co_spawn(socket_.get_executor(), pump(std::move(writer)), asio::detached);
  return reader;
}

Task<void> BodyPump::pump(UniqueFd sink) {
  asio::posix::stream_descriptor out(socket_.get_executor(), sink.release());
  auto chunk = std::make_unique<std::array<char, 256 << 10>>();
  buffer_.reserve(64 << 10); // as much as Beast reads at once; it never asks for more than there is room for
  boost::system::error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  while (!parser_.is_done()) {
    auto& body = parser_.get().body();
    body.data = chunk->data();
    body.size = chunk->size();
    co_await http::async_read_some(socket_, buffer_, parser_, token);
    if (error == http::error::need_buffer) error = {};
    if (error) break;
    const auto filled = asio::buffer(chunk->data(), chunk->size() - body.size);
    co_await asio::async_write(out, filled, token);
    if (error) break;
  }
  out.close();
  if (parser_.is_done() && when_whole_) when_whole_();
  done_.set();
}

Task<bool> BodyPump::finish() {
  if (!started_) co_return parser_.is_done();
  if (!done_.is_set() && !parser_.is_done()) {
    boost::system::error_code ignored;
    socket_.cancel(ignored);
  }
  co_await done_.wait();
  co_return parser_.is_done();
}

} // namespace gantry::api
