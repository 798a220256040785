// A reply's body that never comes into the daemon's memory: pages of files go through a pipe into the socket.
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>

#include "api/live_reply.hpp"

namespace gantry::api {

namespace asio = boost::asio;

namespace {

/// A descriptor that Asio waits for and does not own.
class Borrowed {
 public:
  Borrowed(const asio::any_io_executor& executor, int fd) : stream_(executor, fd) { stream_.native_non_blocking(true); }
  ~Borrowed() { stream_.release(); }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;
  asio::posix::stream_descriptor& operator*() { return stream_; }

 private:
  asio::posix::stream_descriptor stream_;
};

struct Waiting {
  bool more = true; ///< somebody may write
  std::size_t bytes = 0;
};

/// Asio may say that a pipe is readable when it is not (any more), so that emptiness alone is no end.
Waiting look_into(int pipe) {
  pollfd fd{pipe, POLLIN, 0};
  const bool hung_up = ::poll(&fd, 1, 0) == 1 && (fd.revents & POLLHUP) != 0;
  int bytes = 0;
  if (::ioctl(pipe, FIONREAD, &bytes) != 0) throw os_error("look into a pipe", errno);
  return {!hung_up, static_cast<std::size_t>(bytes)};
}

/// Room for what a pipe holds: the default takes a few pages at a time.
void widen(int socket) {
  const int bytes = 1 << 20;
  ::setsockopt(socket, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes);
}

} // namespace

Task<void> LiveReply::write_from(int pipe) {
  Borrowed source(socket_.get_executor(), pipe);
  widen(socket_.native_handle());
  std::string end; // of the chunk before
  for (;;) {
    co_await (*source).async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
    if (watch_ && watch_->gone) throw Error(Code::cancelled, "the client has gone");
    const Waiting waiting = look_into(pipe);
    if (waiting.bytes == 0 && !waiting.more) break;
    if (waiting.bytes == 0) continue;
    char head[32];
    std::snprintf(head, sizeof head, "%zx\r\n", waiting.bytes);
    if (!context_.http10) co_await send(end + head);
    co_await send_from(pipe, waiting.bytes);
    if (!context_.http10) end = "\r\n";
  }
  if (!end.empty()) co_await send(end);
}

Task<void> LiveReply::send_from(int pipe, std::size_t size) {
  while (size > 0) {
    const ssize_t n = ::splice(pipe, nullptr, socket_.native_handle(), nullptr, size, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (n > 0) {
      size -= static_cast<std::size_t>(n);
      continue;
    }
    boost::system::error_code error;
    if (n < 0 && errno == EAGAIN)
      co_await socket_.async_wait(Socket::wait_write, asio::redirect_error(asio::use_awaitable, error));
    else if (n == 0 || errno != EINTR)
      error = asio::error::broken_pipe;
    if (!error) continue;
    context_.keep_alive = false;
    throw Error(Code::cancelled, "the client has gone");
  }
}

} // namespace gantry::api
