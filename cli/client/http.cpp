#include "cli/client/http.hpp"

#include <signal.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "cli/client/tls.hpp"
#include "cli/failure.hpp"

namespace gantry::cli {
namespace {

constexpr std::size_t max_head = 256 * 1024;

/// Ignores SIGPIPE for a while.
class NoBrokenPipe {
 public:
  NoBrokenPipe() {
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &ignore, &before_);
  }
  ~NoBrokenPipe() { ::sigaction(SIGPIPE, &before_, nullptr); }
  NoBrokenPipe(const NoBrokenPipe&) = delete;
  NoBrokenPipe& operator=(const NoBrokenPipe&) = delete;

 private:
  struct sigaction before_ {};
};

ConnectionLost lost(const std::string& why) {
  return ConnectionLost("error during connect: the connection to the Gantry daemon broke: " + why);
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

/// The next line without its CRLF.
std::string take_line(Connection& connection) {
  std::size_t end;
  while ((end = connection.buffer.find('\n')) == std::string::npos) {
    if (connection.buffer.size() > max_head) throw lost("a header line is too long");
    if (!connection.fill()) throw lost("EOF");
  }
  std::string line = connection.buffer.substr(0, end);
  connection.buffer.erase(0, end + 1);
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

} // namespace

void Connection::write(std::string_view data) const {
  while (!data.empty()) {
    const ssize_t n = ::send(fd.get(), data.data(), data.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw_told();
    if (n < 0) throw lost(std::strerror(errno));
    data.remove_prefix(static_cast<std::size_t>(n));
  }
}

void Connection::write_file(int file, std::uint64_t size) const {
  const NoBrokenPipe told_by_errno; // sendfile(2) has no MSG_NOSIGNAL
  while (size > 0) {
    const ssize_t n = ::sendfile(fd.get(), file, nullptr, std::min<std::uint64_t>(size, 1 << 20));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw_told();
    if (n < 0) throw lost(std::strerror(errno));
    if (n == 0) throw Failure("the file has become shorter while it was sent");
    size -= static_cast<std::uint64_t>(n);
  }
}

bool Connection::fill() {
  char chunk[32768];
  ssize_t n;
  do n = ::recv(fd.get(), chunk, sizeof chunk, 0);
  while (n < 0 && errno == EINTR);
  if (n <= 0) throw_told();
  if (n < 0) throw lost(std::strerror(errno));
  buffer.append(chunk, static_cast<std::size_t>(n));
  return n > 0;
}

void Connection::throw_told() const {
  const int error = errno;
  if (const std::string why = report ? told() : ""; !why.empty()) throw TlsFailure(why);
  errno = error;
}

std::string Connection::told(std::size_t most) const {
  std::string text;
  char piece[512];
  while (text.size() < most) {
    const ssize_t n = ::read(report.get(), piece, std::min(sizeof piece, most - text.size()));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    text.append(piece, static_cast<std::size_t>(n));
  }
  return text;
}

std::string_view Head::find(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return {};
}

Head read_head(Connection& connection) {
  Head head;
  const std::string status = take_line(connection);
  if (!status.starts_with("HTTP/1.") || status.size() < 12 ||
      std::from_chars(&status[9], &status[12], head.status).ec != std::errc())
    throw lost("it does not speak HTTP: \"" + status.substr(0, 80) + "\"");
  for (std::string line = take_line(connection); !line.empty(); line = take_line(connection)) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) throw lost("malformed header \"" + line.substr(0, 80) + "\"");
    const auto value = line.find_first_not_of(' ', colon + 1);
    head.headers.emplace_back(lower(std::string_view(line).substr(0, colon)),
                              value == std::string::npos ? "" : line.substr(value));
  }
  return head;
}

BodyReader::BodyReader(const Head& head, bool without_body) {
  reusable_ = lower(head.find("connection")) != "close";
  const std::string_view length = head.find("content-length");
  if (without_body || head.status == 204 || head.status == 304) {
    done_ = true;
  } else if (lower(head.find("transfer-encoding")) == "chunked") {
    chunked_ = true;
  } else if (!length.empty()) {
    if (std::from_chars(length.data(), length.data() + length.size(), left_).ec != std::errc())
      throw lost("malformed Content-Length");
    done_ = left_ == 0;
  } else {
    until_close_ = true;
    reusable_ = false;
  }
}

std::string BodyReader::next(Connection& connection) {
  if (done_) return {};
  if (until_close_) {
    if (connection.buffer.empty() && !connection.fill()) done_ = true;
    return std::exchange(connection.buffer, {});
  }
  if (chunked_ && left_ == 0 && !next_chunk(connection)) return {};
  std::string piece = take(connection);
  if (left_ == 0 && !chunked_) done_ = true;
  // What ends a chunk is no content: who polls must not take it for some.
  if (left_ == 0 && chunked_ && connection.buffer.starts_with("\r\n")) {
    connection.buffer.erase(0, 2);
    between_chunks_ = false;
  }
  return piece;
}

std::string BodyReader::take(Connection& connection) {
  if (connection.buffer.empty() && !connection.fill()) throw lost("unexpected EOF");
  const std::size_t n = std::min<std::uint64_t>(left_, connection.buffer.size());
  left_ -= n;
  if (n == connection.buffer.size()) return std::exchange(connection.buffer, {});
  std::string piece = connection.buffer.substr(0, n);
  connection.buffer.erase(0, n);
  return piece;
}

bool BodyReader::next_chunk(Connection& connection) {
  if (std::exchange(between_chunks_, true)) take_line(connection);
  const std::string line = take_line(connection);
  if (std::from_chars(line.data(), line.data() + line.size(), left_, 16).ec != std::errc()) throw lost("malformed chunk");
  if (left_ > 0) return true;
  while (!take_line(connection).empty()) {
  }
  done_ = true;
  return false;
}

} // namespace gantry::cli
