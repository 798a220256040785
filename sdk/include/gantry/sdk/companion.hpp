#pragma once

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gantry/sdk/error.hpp>
#include <gantry/sdk/fd.hpp>
#include <gantry/sdk/spawn.hpp>

namespace gantry {

/// A process beside the daemon that goes on while that is down or is replaced: it is found again at its socket, started when it
/// is needed and missing, and asked one packet after the other (SOCK_SEQPACKET). The program is run as PROGRAM SOCKET and goes
/// into the background, with success, once SOCKET listens.
/// Calls block, up to ten seconds each, and are the caller's to serialise.
class Companion {
 public:
  static constexpr std::size_t max_packet = 128 << 10;

  /// `hello`: the first packet of every connection; who answers it is there. `ended` is called on a thread of its own when a
  /// connection may have ended by itself, or was given up because of no answer; what it throws is nobody's.
  Companion(std::string program, std::string socket, std::string hello, std::function<void()> ended)
      : program_(std::move(program)), socket_(std::move(socket)), hello_(std::move(hello)), ended_(std::move(ended)) {}
  ~Companion() { stop_watching(); }
  Companion(const Companion&) = delete;
  Companion& operator=(const Companion&) = delete;

  /// The answer of the one that runs; nothing where there is none.
  std::optional<std::string> find() {
    disconnect();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket_.size() >= sizeof address.sun_path) throw Error(Code::invalid, "the path of a socket is too long: " + socket_);
    std::memcpy(address.sun_path, socket_.c_str(), socket_.size() + 1);
    UniqueFd fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    if (!fd) throw failed("make a socket");
    const timeval patience{10, 0};
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return std::nullopt;
    set_connection(std::move(fd), false);
    try {
      std::string answer = talk(hello_, {});
      watch();
      return answer;
    } catch (const Error&) {
      disconnect();
      return std::nullopt; // it was about to end, or hangs
    }
  }

  /// The same; one is started where there is none.
  std::string connect() {
    if (auto answer = find()) return *answer;
    start();
    if (auto answer = find()) return *answer;
    throw failed("connect to " + program_);
  }

  /// The answer to a packet. An Error with an errno: there is no connection any more, and `ended` is called.
  std::string exchange(const std::string& packet, const std::vector<int>& fds = {}) {
    try {
      return talk(packet, fds);
    } catch (const Error&) {
      set_connection(UniqueFd(), true);
      throw;
    }
  }

  bool is_connected() const { return static_cast<bool>(connection_); }
  /// Connected, and not to one that has ended.
  bool is_alive() const {
    pollfd state{connection_.get(), 0, 0};
    return connection_ && ::poll(&state, 1, 0) == 0;
  }
  void disconnect() { set_connection(UniqueFd(), false); }
  /// `ended` is not called from here on, and does not run any more. Not from within it.
  void stop_watching() {
    {
      const std::lock_guard lock(guard_);
      stopped_ = true;
      if (wake_) wake();
    }
    if (watcher_.joinable()) watcher_.join();
  }
  /// Waits for the end of a connection to one who was asked to end.
  void wait_for_end() {
    char end = 0;
    if (connection_) (void)!::recv(connection_.get(), &end, 1, 0);
    disconnect();
  }

 private:
  static Error failed(const std::string& what, int number = errno) {
    return {Code::internal, what + ": " + std::strerror(number), number};
  }

  void start() const {
    std::string program = program_, socket = socket_;
    char* const argv[] = {program.data(), socket.data(), nullptr};
    const SpawnAttributes attributes;
    pid_t pid = 0;
    if (const int error = ::posix_spawn(&pid, program.c_str(), nullptr, attributes.get(), argv, environ); error != 0)
      throw failed("start " + program_, error);
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0) {
      if (errno != EINTR) throw failed("wait for " + program_);
    }
    if (status != 0) throw Error(Code::unavailable, program_ + " did not start");
  }

  void send(const std::string& packet, const std::vector<int>& fds) const {
    iovec part{const_cast<char*>(packet.data()), packet.size()};
    std::string control(CMSG_SPACE(sizeof(int) * fds.size()), '\0');
    msghdr head{};
    head.msg_iov = &part;
    head.msg_iovlen = 1;
    if (!fds.empty()) {
      head.msg_control = control.data();
      head.msg_controllen = control.size();
      cmsghdr* item = CMSG_FIRSTHDR(&head);
      item->cmsg_level = SOL_SOCKET;
      item->cmsg_type = SCM_RIGHTS;
      item->cmsg_len = CMSG_LEN(sizeof(int) * fds.size());
      std::memcpy(CMSG_DATA(item), fds.data(), sizeof(int) * fds.size());
    }
    while (::sendmsg(connection_.get(), &head, MSG_NOSIGNAL) < 0) {
      if (errno != EINTR) throw failed("send to " + program_);
    }
  }

  std::string talk(const std::string& packet, const std::vector<int>& fds) const {
    if (!connection_) throw failed("send to " + program_, ENOTCONN);
    send(packet, fds);
    return receive();
  }

  std::string receive() const {
    std::string answer(max_packet, '\0');
    ssize_t n = 0;
    while ((n = ::recv(connection_.get(), answer.data(), answer.size(), 0)) < 0 && errno == EINTR) {
    }
    if (n <= 0) throw failed(program_ + " does not answer", n == 0 ? ECONNRESET : errno);
    answer.resize(static_cast<std::size_t>(n));
    return answer;
  }

  /// `lost`: the one of before is given up, which nobody else notices where its other end still stands.
  void set_connection(UniqueFd fd, bool lost) {
    const std::lock_guard lock(guard_);
    connection_ = std::move(fd);
    lost_ = lost;
    if (wake_) wake(); // the watcher's copy would keep the connection open
  }

  void wake() const {
    const std::uint64_t one = 1;
    (void)!::write(wake_.get(), &one, sizeof one);
  }

  /// Looks at the present connection from here on.
  void watch() {
    const std::lock_guard lock(guard_);
    if (!wake_) wake_.reset(::eventfd(0, EFD_CLOEXEC));
    wake();
    if (watcher_.joinable() || stopped_) return;
    // The daemon's signals are for its own threads.
    sigset_t all, before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    watcher_ = std::thread([this] { run_watcher(); });
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  /// Whether the last connection was lost; `watched` is the present one.
  bool look_again(UniqueFd& watched) {
    const std::lock_guard lock(guard_);
    watched.reset(connection_ ? ::fcntl(connection_.get(), F_DUPFD_CLOEXEC, 0) : -1);
    return std::exchange(lost_, false);
  }

  bool is_stopped() {
    const std::lock_guard lock(guard_);
    return stopped_;
  }

  void tell_end() const noexcept {
    try {
      ended_();
    } catch (...) { // nobody is there who could be told
    }
  }

  void run_watcher() {
    UniqueFd watched;
    for (bool renew = true;;) {
      if (is_stopped()) return;
      if (renew && look_again(watched)) tell_end();
      pollfd wait[2] = {{wake_.get(), POLLIN, 0}, {watched.get(), 0, 0}};
      if (::poll(wait, 2, -1) < 0) continue;
      std::uint64_t count = 0;
      renew = wait[0].revents != 0;
      if (renew) (void)!::read(wake_.get(), &count, sizeof count);
      if (renew || wait[1].revents == 0) continue;
      watched.reset();
      tell_end();
    }
  }

  const std::string program_, socket_, hello_;
  const std::function<void()> ended_;
  std::mutex guard_; ///< of what the watcher sees
  UniqueFd connection_;
  UniqueFd wake_; ///< eventfd: the watcher looks again
  bool lost_ = false;
  bool stopped_ = false;
  std::thread watcher_;
};

} // namespace gantry
