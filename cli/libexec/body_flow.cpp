#include "cli/libexec/body_flow.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/body_framing.hpp"
#include "cli/failure.hpp"

namespace gantry::cli {
namespace {

constexpr std::size_t most_at_once = 1 << 20;
constexpr std::size_t frame_read = 4 << 10; ///< little, so that most content stays inside the kernel

ConnectionLost broke(int error) {
  return ConnectionLost(std::string("error during connect: the connection to the Gantry daemon broke: ") +
                        (error == 0 ? "unexpected EOF" : std::strerror(error)));
}

/// Room for what a pipe holds; what an unprivileged user may have is better than nothing.
void widen(int socket) {
  const int bytes = most_at_once;
  if (::setsockopt(socket, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes) != 0)
    ::setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

/// Waits; nothing at the end.
std::size_t waiting_in(int pipe) {
  pollfd fd{pipe, POLLIN, 0};
  while (::poll(&fd, 1, -1) < 0 && errno == EINTR) {
  }
  int bytes = 0;
  if (::ioctl(pipe, FIONREAD, &bytes) != 0) throw Failure(std::string("look into a pipe: ") + std::strerror(errno));
  return static_cast<std::size_t>(bytes);
}

ssize_t move(int from, int to, std::size_t most) {
  ssize_t n = 0;
  while ((n = ::splice(from, nullptr, to, nullptr, std::min(most, most_at_once), SPLICE_F_MOVE)) < 0 && errno == EINTR) {
  }
  return n;
}

void send_chunks(const Connection& connection, int pipe, std::uint64_t& sent) {
  std::string end; // of the chunk before
  while (const std::size_t size = waiting_in(pipe)) {
    char head[32];
    std::snprintf(head, sizeof head, "%zx\r\n", size);
    connection.write(end + head);
    for (std::size_t left = size; left > 0;) {
      const ssize_t n = move(pipe, connection.fd.get(), left);
      if (n <= 0) connection.throw_told();
      if (n <= 0) throw broke(n < 0 ? errno : 0);
      left -= static_cast<std::size_t>(n);
    }
    sent += size;
    end = "\r\n";
  }
  connection.write(end + "0\r\n\r\n");
}

void read_frame(Connection& connection, BodyFraming& framing) {
  if (connection.buffer.empty()) {
    char bytes[frame_read];
    ssize_t n = 0;
    while ((n = ::recv(connection.fd.get(), bytes, sizeof bytes, 0)) < 0 && errno == EINTR) {
    }
    if (n <= 0) connection.throw_told();
    if (n <= 0) throw broke(n < 0 ? errno : 0);
    connection.buffer.assign(bytes, static_cast<std::size_t>(n));
  }
  connection.buffer.erase(0, framing.read(connection.buffer));
}

/// The number of bytes of content; none when nobody reads the pipe any more.
std::uint64_t pass_content(Connection& connection, std::uint64_t most, int pipe) {
  if (!connection.buffer.empty()) {
    ssize_t n = 0;
    while ((n = ::write(pipe, connection.buffer.data(), std::min<std::uint64_t>(most, connection.buffer.size()))) < 0 &&
           errno == EINTR) {
    }
    connection.buffer.erase(0, static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    return static_cast<std::uint64_t>(std::max<ssize_t>(n, 0));
  }
  const ssize_t n = move(connection.fd.get(), pipe, most);
  if (n < 0 && errno == EPIPE) return 0;
  if (n <= 0) connection.throw_told();
  if (n <= 0) throw broke(n < 0 ? errno : 0);
  return static_cast<std::uint64_t>(n);
}

} // namespace

Response send_body(Client& client, Request request, int pipe, std::uint64_t& sent) {
  client.negotiate();
  request.headers.emplace_back("Content-Type", "application/x-tar");
  request.headers.emplace_back("Transfer-Encoding", "chunked");
  Connection connection = client.begin(request, false);
  widen(connection.fd.get());
  try {
    send_chunks(connection, pipe, sent);
  } catch (const ConnectionLost&) {
    // A daemon that refuses the body answers and closes: the answer says more than EPIPE.
  }
  Response response = client.receive(std::move(connection), request);
  throw_unless_ok(response);
  return response;
}

void receive_body(Response response, int pipe, std::uint64_t& received) {
  if (response.head().find("transfer-encoding") != "chunked") throw Failure("the daemon's answer has no chunks");
  Connection connection = std::move(response).hijack();
  ::fcntl(pipe, F_SETPIPE_SZ, static_cast<int>(most_at_once));
  for (auto framing = BodyFraming::chunked(); !framing.is_done();) {
    if (framing.content() == 0) {
      read_frame(connection, framing);
      continue;
    }
    const std::uint64_t n = pass_content(connection, framing.content(), pipe);
    if (n == 0) return;
    framing.took(n);
    received += n;
  }
}

} // namespace gantry::cli
