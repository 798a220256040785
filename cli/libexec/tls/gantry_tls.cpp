// Carries a client's stream to a daemon that speaks TLS: descriptor 3 is the stream, on descriptor 4 the client is told "+" when
// they have agreed, "?" when nobody is there, "!" and why when the files are no good, and why it ended otherwise.
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "cli/client/host.hpp"
#include "cli/failure.hpp"
#include "cli/libexec/tls/session.hpp"

namespace gantry::cli {
namespace {

constexpr int stream_fd = 3, report_fd = 4;

void report(const std::string& text) { (void)!::write(report_fd, text.data(), text.size()); }

/// Both directions, each with at most one piece on its way, until both have ended.
class Relay {
 public:
  Relay(int socket, TlsSession& tls) : socket_(socket), tls_(tls) {}

  void run() {
    while (!done()) {
      daemon_events_ = 0;
      bool moved = false;
      for (const bool step : {take_from_client(), give_to_daemon(), tell_end(), take_from_daemon(), give_to_client()})
        moved = moved || step;
      if (!moved) wait();
    }
  }

 private:
  /// A client that is gone wants no more answers.
  bool done() const { return (daemon_ended_ && to_client_.empty()) || client_gone_; }

  bool take_from_client() {
    if (client_ended_ || !to_daemon_.empty()) return false;
    std::array<char, 65536> piece;
    const ssize_t n = ::recv(stream_fd, piece.data(), piece.size(), MSG_DONTWAIT);
    if (n < 0) return errno == EINTR;
    client_ended_ = n == 0;
    to_daemon_.assign(piece.data(), static_cast<std::size_t>(n));
    return true;
  }

  bool give_to_daemon() { return !to_daemon_.empty() && settled(tls_.write(to_daemon_)); }

  bool tell_end() {
    if (!client_ended_ || end_told_ || !to_daemon_.empty()) return false;
    return end_told_ = settled(tls_.end_output());
  }

  bool take_from_daemon() {
    if (daemon_ended_ || !to_client_.empty()) return false;
    const auto wants = tls_.read(to_client_);
    daemon_ended_ = wants == TlsSession::Wants::ended;
    return daemon_ended_ || settled(wants);
  }

  bool give_to_client() {
    if (to_client_.empty()) return false;
    const ssize_t n = ::send(stream_fd, to_client_.data(), to_client_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0) {
      client_gone_ = errno != EAGAIN && errno != EINTR;
      return client_gone_;
    }
    to_client_.erase(0, static_cast<std::size_t>(n));
    return true;
  }

  /// Whether something moved; otherwise what to wait for is noted.
  bool settled(TlsSession::Wants wants) {
    if (wants == TlsSession::Wants::to_read) daemon_events_ |= POLLIN;
    if (wants == TlsSession::Wants::to_write) daemon_events_ |= POLLOUT;
    return wants == TlsSession::Wants::nothing;
  }

  void wait() {
    const bool takes = !client_ended_ && to_daemon_.empty();
    const short events = static_cast<short>((takes ? POLLIN : 0) | (to_client_.empty() ? 0 : POLLOUT));
    // What is left of a client that has gone is delivered first.
    const bool busy = !to_daemon_.empty() && to_client_.empty();
    std::array<pollfd, 2> fds{{{busy ? -1 : stream_fd, events, 0}, {socket_, daemon_events_, 0}}};
    ::poll(fds.data(), fds.size(), -1);
    client_gone_ = client_ended_ && to_daemon_.empty() && (fds[0].revents & (POLLHUP | POLLERR)) != 0;
  }

  int socket_;
  TlsSession& tls_;
  std::string to_daemon_, to_client_;
  short daemon_events_ = 0;
  bool client_ended_ = false, end_told_ = false, client_gone_ = false, daemon_ended_ = false;
};

int run(const Host& host, const TlsOptions& options) {
  Connection connection;
  try {
    connection = connect(host);
  } catch (const Failure&) {
    report("?");
    return 1;
  }
  try {
    TlsSession tls(connection.fd.get(), host.name, options);
    report("+");
    ::fcntl(connection.fd.get(), F_SETFL, ::fcntl(connection.fd.get(), F_GETFL) | O_NONBLOCK);
    Relay(connection.fd.get(), tls).run();
    return 0;
  } catch (const TlsSetup& failure) {
    report(std::string("!") + failure.what());
    return 1;
  } catch (const TlsFailure& failure) {
    report(failure.what());
    return 1;
  }
}

} // namespace
} // namespace gantry::cli

int main(int argc, char** argv) {
  if (argc != 7 || ::fcntl(3, F_GETFD) < 0 || ::fcntl(4, F_GETFD) < 0) {
    std::fprintf(stderr, "gantry-tls is run by \"gantry\"\n");
    return 125;
  }
  std::signal(SIGPIPE, SIG_IGN);
  return gantry::cli::run({"", "", argv[1], argv[2], {}}, {std::strcmp(argv[3], "verify") == 0, argv[4], argv[5], argv[6]});
}
