#include "api/body_pump.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

#include "base/log.hpp"

namespace gantry::api {

namespace asio = boost::asio;

namespace {

constexpr int pipe_size = 1 << 20;
constexpr std::size_t frame_read = 4 << 10; ///< little, so that most content stays inside the kernel

/// The header of a long name (tar(5), GNU), whose text would follow.
std::string unfinished_header() {
  std::string block(512, '\0');
  const auto put = [&](std::size_t at, std::string_view text) { block.replace(at, text.size(), text); };
  put(0, "././@LongLink");
  put(100, "0000644");
  put(124, "00000010000"); // its size
  put(148, "        ");    // the check sum, while it is made
  put(156, "L");
  put(257, "ustar  ");
  unsigned sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  char text[8];
  std::snprintf(text, sizeof text, "%06o", sum);
  put(148, {text, 7});
  return block;
}

} // namespace

UniqueFd BodyPump::pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw os_error("pipe for the request body", errno);
  UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  ::fcntl(writer.get(), F_SETPIPE_SZ, pipe_size); // fewer wake-ups; refused for some users, which is fine
  started_ = true;
  asio::co_spawn(socket_.get_executor(), pump(std::move(writer)), asio::detached);
  return reader;
}

BodyFraming BodyPump::framing_of(const HeadParser& head) {
  return head.chunked() ? BodyFraming::chunked() : BodyFraming(head.content_length().value_or(0));
}

Task<void> BodyPump::pump(UniqueFd sink) {
  Sink out(socket_.get_executor(), sink.release());
  try {
    for (bool more = true; more && !framing_.is_done();) {
      if (framing_.content() == 0)
        more = co_await read_frame();
      else if (buffer_.size() > 0)
        more = co_await pass_buffered(out);
      else
        more = co_await splice(out);
    }
  } catch (const Error& error) {
    log::debug(std::string("api: ") + error.what());
  }
  if (!framing_.is_done()) co_await spoil(out);
  out.close();
  if (framing_.is_done() && when_whole_) when_whole_();
  done_.set();
}

/// Bodies that come by a pipe are archives. One that was cut off between two files would pass for a whole one: what is sent now
/// begins something that never comes, wherever in a tar it stands.
Task<void> BodyPump::spoil(Sink& out) {
  // An odd size leaves half a block behind, but for bodies that end a byte before one does: these find the second header.
  const std::string end = unfinished_header() + "x" + unfinished_header();
  boost::system::error_code reader_gone;
  const auto bytes = asio::buffer(end);
  (void)co_await asio::async_write(out, bytes, asio::redirect_error(asio::use_awaitable, reader_gone));
}

Task<bool> BodyPump::read_frame() {
  boost::system::error_code error;
  if (buffer_.size() == 0) {
    auto room = buffer_.prepare(frame_read);
    buffer_.commit(co_await socket_.async_read_some(room, asio::redirect_error(asio::use_awaitable, error)));
  }
  const auto bytes = buffer_.cdata();
  buffer_.consume(framing_.read({static_cast<const char*>(bytes.data()), bytes.size()}));
  co_return !error;
}

Task<bool> BodyPump::pass_buffered(Sink& out) {
  boost::system::error_code error;
  const auto bytes = asio::buffer(buffer_.cdata(), framing_.content());
  const std::size_t n = co_await asio::async_write(out, bytes, asio::redirect_error(asio::use_awaitable, error));
  buffer_.consume(n);
  framing_.took(n);
  co_return !error;
}

Task<bool> BodyPump::splice(Sink& out) {
  boost::system::error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  const auto most = std::min<std::uint64_t>(framing_.content(), pipe_size);
  int why = 0; // errno is another thread's behind each co_await
  const auto move = [&] {
    const ssize_t moved =
        ::splice(socket_.native_handle(), nullptr, out.native_handle(), nullptr, most, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    why = moved < 0 ? errno : 0;
    return moved;
  };
  ssize_t n = move();
  if (why == EAGAIN) {
    co_await socket_.async_wait(Socket::wait_read, token);
    if (!error) n = move();
    // Something has come, so it is the pipe that is full,
    if (!error && why == EAGAIN) co_await out.async_wait(Sink::wait_write, token);
    if (!error && why == EAGAIN) n = move();
    // or it is what splice(2) never takes: bytes behind an urgent one.
    if (!error && why == EAGAIN) co_return co_await read_frame();
  }
  if (n > 0) framing_.took(static_cast<std::uint64_t>(n));
  co_return !error && (n > 0 || why == EINTR);
}

Task<bool> BodyPump::finish() {
  if (!started_) co_return framing_.is_done();
  if (!done_.is_set() && !framing_.is_done()) {
    boost::system::error_code ignored;
    socket_.cancel(ignored);
  }
  co_await done_.wait();
  co_return framing_.is_done();
}

} // namespace gantry::api
