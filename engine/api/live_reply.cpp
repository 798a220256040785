#include "api/live_reply.hpp"

#include <sys/socket.h>

#include <chrono>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include "api/error_status.hpp"
#include "api/response_head.hpp"
#include "api/stdcopy.hpp"
#include "base/log.hpp"
#include "containers/stream_frame.hpp"

namespace gantry::api {

namespace asio = boost::asio;

namespace {

std::string chunk(const std::string& bytes) {
  char size[20];
  const int length = std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
  std::string framed;
  framed.reserve(bytes.size() + 16);
  framed.append(size, static_cast<std::size_t>(length)).append(bytes).append("\r\n");
  return framed;
}

Error gone() { return {Code::cancelled, "the client has gone"}; }

bool at_end(int fd) {
  char byte = 0;
  const auto got = ::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}

/// docker-py reads the head through a buffer and the stream below it: output that arrives together with the head would be
/// lost to it. So nothing follows before the client has taken the head, or 20 ms have passed.
Task<void> until_taken(int fd) {
  asio::steady_timer pause(co_await asio::this_coro::executor);
  for (int round = 0; round < 200 && !gantry::containers::all_taken(fd); ++round) {
    pause.expires_after(std::chrono::microseconds(100));
    co_await pause.async_wait(asio::use_awaitable);
  }
}

} // namespace

Task<void> LiveReply::send(std::string bytes) {
  boost::system::error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  auto buffer = asio::buffer(bytes);
  co_await asio::async_write(socket_, buffer, token);
  if (error) {
    context_.keep_alive = false;
    throw gone();
  }
}

void LiveReply::start_watch() {
  if (watch_) return;
  watch_ = std::make_shared<Watch>();
  if (context_.watch) arm();
}

void LiveReply::body_is_read() {
  context_.watch = true;
  if (watch_ && !watch_->armed) arm();
}

void LiveReply::arm() {
  watch_->armed = true;
  socket_.async_wait(Socket::wait_read, [watch = watch_, fd = socket_.native_handle()](boost::system::error_code error) {
    // Readable without an end of file is the next, pipelined request: nothing more can be told about such a client.
    if (error || !at_end(fd)) return;
    watch->gone = true;
    watch->hang_up.emit(asio::cancellation_type::terminal);
  });
}

void LiveReply::stop_watch() {
  if (!watch_) return;
  boost::system::error_code ignored;
  if (watch_->armed) socket_.cancel(ignored); // else somebody reads the body from it
  watch_.reset();
}

Task<void> LiveReply::begin_stream(std::string content_type, int status) {
  status_ = status;
  context_.token.release();
  if (context_.http10) {
    context_.keep_alive = false;
    headers_.emplace_back("Connection", "close");
  } else {
    headers_.emplace_back("Transfer-Encoding", "chunked");
  }
  ResponseHead head{status, {}, content_type, headers_};
  begun_ = true;
  auto bytes = format(head);
  co_await send(std::move(bytes));
  start_watch();
}

Task<void> LiveReply::write(std::string bytes) {
  if (watch_ && watch_->gone) throw gone();
  if (bytes.empty() || context_.head_only) co_return;
  auto framed = context_.http10 ? std::move(bytes) : chunk(bytes);
  co_await send(std::move(framed));
}

Task<void> LiveReply::until_hang_up(Task<void> work) {
  start_watch();
  const auto watch = watch_;
  if (watch->gone) throw gone();
  auto token = asio::bind_cancellation_slot(watch->hang_up.slot(), asio::use_awaitable);
  auto executor = co_await asio::this_coro::executor;
  std::exception_ptr failure;
  try {
    co_await asio::co_spawn(executor, std::move(work), token);
  } catch (...) {
    failure = std::current_exception();
  }
  if (watch->gone) throw gone();
  if (failure) std::rethrow_exception(failure);
}

Task<Hijacked> LiveReply::hijack(std::string content_type) {
  auto bytes = hijack_head(content_type, true);
  co_await send(std::move(bytes));
  co_await until_taken(socket_.native_handle());
  Hijacked taken{UniqueFd(socket_.release()), std::move(context_.buffered), {}};
  co_return taken;
}

Hijacked LiveReply::take(std::string content_type) {
  auto bytes = hijack_head(content_type, false);
  return {UniqueFd(socket_.release()), std::move(context_.buffered), std::move(bytes)};
}

std::string LiveReply::hijack_head(const std::string& content_type, bool with_engine) {
  begun_ = true;
  hijacked_ = true;
  context_.token.release();
  // Who did not ask for an upgrade does not know of the newer type, as in Docker.
  ResponseHead head{200, {}, raw_stream_media_type, {}};
  if (context_.upgrade) {
    head.status = 101;
    head.reason = "UPGRADED";
    head.content_type = content_type;
    head.headers = {{"Connection", "Upgrade"}, {"Upgrade", "tcp"}};
  }
  if (with_engine)
    for (auto& header : engine_headers()) head.headers.push_back(std::move(header));
  return format_bare(head);
}

void LiveReply::fail(const std::exception_ptr& failure, ApiVersion version) {
  const auto error = describe(failure);
  if (error.status >= 500 && error.status != 501 && error.status != 503) log::error(error.message);
  headers_.clear();
  if (version < oldest_version) {
    text(error.status, error.message + '\n');
    return;
  }
  Json body;
  body["message"] = error.message;
  json(error.status, body);
}

Task<void> LiveReply::finish() {
  stop_watch();
  if (begun_) {
    std::string last = context_.http10 || context_.head_only ? "" : "0\r\n\r\n";
    co_await send(std::move(last));
    co_return;
  }
  ResponseHead head{status_, {}, content_type_, headers_};
  if (status_ != 204 && status_ != 304) head.headers.emplace_back("Content-Length", std::to_string(body_.size()));
  if (!context_.keep_alive) head.headers.emplace_back("Connection", "close");
  auto bytes = format(head);
  if (!context_.head_only) bytes += body_;
  co_await send(std::move(bytes));
}

} // namespace gantry::api
