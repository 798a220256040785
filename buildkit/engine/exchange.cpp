#include "buildkit/engine/exchange.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <stdexcept>

#include "base/text.hpp"

namespace gantry::buildkit {
namespace {

constexpr int tick_ms = 100;
constexpr std::size_t head_max = 64 << 10, line_max = 16 << 20;

std::int64_t number(std::string_view text, int base) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end == text.data() || value < 0) throw std::runtime_error("the daemon's answer is not HTTP");
  return value;
}

} // namespace

Exchange::Exchange(UniqueFd connection, const Cancellation& cancellation)
    : connection_(std::move(connection)), cancellation_(cancellation) {
  ::fcntl(connection_.get(), F_SETFL, ::fcntl(connection_.get(), F_GETFL) | O_NONBLOCK);
}

void Exchange::wait_for(short events) {
  for (;;) {
    cancellation_.check();
    pollfd wanted{connection_.get(), events, 0};
    if (::poll(&wanted, 1, tick_ms) > 0) return;
  }
}

void Exchange::write_raw(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(connection_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
    } else if (n < 0 && errno == EAGAIN) {
      wait_for(POLLOUT);
    } else if (n < 0 && errno == EINTR) {
      continue;
    } else {
      throw std::runtime_error(std::string("the daemon has ended the connection: ") + std::strerror(errno));
    }
  }
}

void Exchange::send(const std::string& method, const std::string& target, const std::string& headers, const std::string& body) {
  write_raw(method + " " + target + " HTTP/1.1\r\nHost: gantry\r\n" + headers + "Content-Length: " + std::to_string(body.size()) +
            "\r\n\r\n" + body);
}

void Exchange::begin(const std::string& method, const std::string& target, const std::string& headers) {
  write_raw(method + " " + target + " HTTP/1.1\r\nHost: gantry\r\nConnection: close\r\n" + headers +
            "Transfer-Encoding: chunked\r\n\r\n");
}

bool Exchange::write(std::string_view piece) {
  cancellation_.check();
  if (piece.empty()) return !answers_;
  if (answers_) return false;
  char size[32];
  const int n = std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
  std::string all(size, static_cast<std::size_t>(n));
  all.append(piece).append("\r\n");
  std::string_view left = all;
  while (!left.empty()) {
    pollfd wanted{connection_.get(), POLLIN | POLLOUT, 0};
    cancellation_.check();
    if (::poll(&wanted, 1, tick_ms) <= 0) continue;
    if (wanted.revents & (POLLIN | POLLERR | POLLHUP)) {
      answers_ = true;
      return false;
    }
    const ssize_t sent = ::send(connection_.get(), left.data(), left.size(), MSG_NOSIGNAL);
    if (sent > 0) left.remove_prefix(static_cast<std::size_t>(sent));
    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
      answers_ = true;
      return false;
    }
  }
  return true;
}

void Exchange::end() {
  if (!answers_) write_raw("0\r\n\r\n");
}

void Exchange::spoil() noexcept {
  // Not by write(), which a build that was cancelled does not get through. What does not fit was not all of a piece either.
  const std::string piece = "400\r\n" + std::string(1024, '\xff') + "\r\n";
  (void)::send(connection_.get(), piece.data(), piece.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  (void)::shutdown(connection_.get(), SHUT_WR);
}

bool Exchange::fill() {
  for (;;) {
    char bytes[64 << 10];
    const ssize_t n = ::recv(connection_.get(), bytes, sizeof bytes, 0);
    if (n > 0) {
      buffer_.append(bytes, static_cast<std::size_t>(n));
      return true;
    }
    if (n == 0 || (errno != EAGAIN && errno != EINTR)) return false;
    wait_for(POLLIN);
  }
}

std::string Exchange::head_line() {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n")) == std::string::npos)
    if (buffer_.size() > head_max || !fill()) throw std::runtime_error("the daemon has ended the connection");
  std::string line = buffer_.substr(0, end);
  buffer_.erase(0, end + 2);
  return line;
}

int Exchange::status() {
  for (;;) {
    const std::string first = head_line();
    if (!first.starts_with("HTTP/1.") || first.size() < 12) throw std::runtime_error("the daemon's answer is not HTTP");
    const int code = static_cast<int>(number(first.substr(9, 3), 10));
    left_ = -1;
    for (std::string line = head_line(); !line.empty(); line = head_line()) {
      const std::size_t colon = line.find(':');
      if (colon == std::string::npos) continue;
      const std::string name = lower(line.substr(0, colon)),
                        value = line.substr(std::min(line.find_first_not_of(' ', colon + 1), line.size()));
      if (name == "content-length") left_ = number(value, 10);
      if (name == "transfer-encoding" && lower(value) == "chunked") chunked_ = true;
    }
    if (code == 100) continue;
    if (code == 204 || code == 304) left_ = 0;
    if (chunked_) left_ = 0;
    return code;
  }
}

/// With `left_` at 0 the next chunk begins.
std::string Exchange::chunk() {
  if (left_ == 0) {
    left_ = number(head_line(), 16);
    if (left_ == 0) {
      ended_ = true;
      return {};
    }
  }
  while (buffer_.empty())
    if (!fill()) throw std::runtime_error("the daemon has ended the connection in the middle of its answer");
  const std::size_t size = std::min(buffer_.size(), static_cast<std::size_t>(left_));
  std::string piece = buffer_.substr(0, size);
  buffer_.erase(0, size);
  left_ -= static_cast<std::int64_t>(size);
  if (left_ == 0 && !head_line().empty()) throw std::runtime_error("the daemon's answer is not HTTP");
  return piece;
}

std::string Exchange::read() {
  if (ended_) return {};
  if (chunked_) return chunk();
  if (left_ == 0) return {};
  if (buffer_.empty() && !fill()) {
    ended_ = true;
    if (left_ > 0) throw std::runtime_error("the daemon has ended the connection in the middle of its answer");
    return {};
  }
  std::string piece = std::exchange(buffer_, {});
  if (left_ > 0) {
    if (static_cast<std::int64_t>(piece.size()) > left_) piece.resize(static_cast<std::size_t>(left_));
    left_ -= static_cast<std::int64_t>(piece.size());
  }
  return piece;
}

std::string Exchange::read_all(std::size_t max) {
  std::string all;
  for (std::string piece = read(); !piece.empty(); piece = read())
    if (all.size() < max) all += piece.substr(0, max - all.size());
  return all;
}

bool Exchange::read_line(std::string& line) {
  std::size_t end = 0;
  while ((end = lines_.find('\n')) == std::string::npos) {
    if (lines_.size() > line_max) throw std::runtime_error("a line of the daemon's answer is too long");
    const std::string piece = read();
    if (!piece.empty()) {
      lines_ += piece;
      continue;
    }
    line = std::exchange(lines_, {});
    return !line.empty();
  }
  line = lines_.substr(0, end);
  lines_.erase(0, end + 1);
  return true;
}

UniqueFd Exchange::take(std::string& buffered) {
  buffered = std::exchange(buffer_, {});
  return std::move(connection_);
}

} // namespace gantry::buildkit
