#include "cli/streams/session.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "cli/failure.hpp"
#include "cli/streams/terminal.hpp"

namespace gantry::cli {
namespace {

constexpr int retry_ms = 10;
constexpr int max_resize_tries = 20;
/// The first interrupt is passed on; so many more end the client whatever the container does.
constexpr int forced_after = 4;

sigset_t taken_signals() {
  sigset_t set;
  sigfillset(&set);
  for (const int kept :
       {SIGCHLD, SIGPIPE, SIGURG, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT})
    sigdelset(&set, kept);
  return set;
}

} // namespace

Session::Session(Connection connection, Options options)
    : connection_(std::move(connection)),
      options_(std::move(options)),
      demux_([this](int stream, std::string_view data) { output_.put(stream == 2 ? STDERR_FILENO : STDOUT_FILENO, data); }) {
  if (options_.take_signals || options_.tty) {
    const sigset_t set = taken_signals();
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
    signals_.reset(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  }
  ::fcntl(connection_.fd.get(), F_SETFL, ::fcntl(connection_.fd.get(), F_GETFL) | O_NONBLOCK);
}

void Session::run(int other, const std::function<bool()>& stop) {
  if (options_.tty && options_.on_resize) resize_tries_ = max_resize_tries;
  consume(connection_.buffer);
  connection_.buffer.clear();
  while (true) {
    const int input = wants_input() ? STDIN_FILENO : -1;
    const short events = static_cast<short>((output_.is_full() ? 0 : POLLIN) | (pending_.empty() ? 0 : POLLOUT));
    std::array<pollfd, 5> fds{{{connection_.fd.get(), events, 0},
                               {input, POLLIN, 0},
                               {signals_.get(), POLLIN, 0},
                               {other, POLLIN, 0},
                               {output_.fd(), POLLIN, 0}}};
    const int ready = ::poll(fds.data(), fds.size(), resize_tries_ > 0 ? retry_ms : -1);
    if (ready < 0 && errno != EINTR) throw Failure(std::string("poll: ") + std::strerror(errno));
    if (resize_tries_ > 0) resize();
    if (ready <= 0) continue;
    if (fds[2].revents) handle_signal();
    if (fds[4].revents) output_.take_news();
    if (fds[0].revents & POLLOUT) flush_input();
    if (fds[0].revents & ~POLLOUT && !read_output()) return finish_output();
    if (fds[1].revents) read_input();
    if (fds[3].revents && stop()) return drain();
  }
}

void Session::wait_for(int other) {
  while (true) {
    std::array<pollfd, 2> fds{{{other, POLLIN, 0}, {signals_.get(), POLLIN, 0}}};
    if (::poll(fds.data(), fds.size(), -1) < 0) continue;
    if (fds[1].revents) handle_signal();
    if (fds[0].revents) return;
  }
}

void Session::read_input() {
  std::array<char, 32768> chunk;
  const ssize_t n = ::read(STDIN_FILENO, chunk.data(), chunk.size());
  if (n < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (n <= 0) {
    input_ended_ = true;
    ::shutdown(connection_.fd.get(), SHUT_WR);
    return;
  }
  pending_.assign(chunk.data(), static_cast<std::size_t>(n));
  typed_ += pending_;
  typed_.erase(0, typed_.size() - std::min(typed_.size(), options_.detach_sequence.size()));
  flush_input();
}

void Session::flush_input() {
  while (!pending_.empty()) {
    const ssize_t n = ::send(connection_.fd.get(), pending_.data(), pending_.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0) {
      // The container closed its side: what is typed now goes nowhere, its output may still come.
      input_ended_ = true;
      pending_.clear();
      return;
    }
    pending_.erase(0, static_cast<std::size_t>(n));
  }
}

bool Session::read_output() {
  std::array<char, 65536> chunk;
  const ssize_t n = ::recv(connection_.fd.get(), chunk.data(), chunk.size(), 0);
  if (n < 0 && (errno == EINTR || errno == EAGAIN)) return true;
  if (n <= 0) connection_.throw_told();
  if (n <= 0) return false;
  consume({chunk.data(), static_cast<std::size_t>(n)});
  return true;
}

void Session::drain() {
  pollfd ready{connection_.fd.get(), POLLIN, 0};
  while (::poll(&ready, 1, 0) > 0 && read_output()) {
  }
  finish_output();
}

void Session::finish_output() {
  ending_ = true;
  while (!output_.is_empty()) {
    wait_for(output_.fd());
    output_.take_news();
  }
  output_.take_news();
}

void Session::consume(std::string_view data) {
  if (options_.tty) {
    output_.put(STDOUT_FILENO, data);
    return;
  }
  try {
    demux_.feed(data);
  } catch (const Failure&) {
    finish_output(); // what came before it was output
    throw;
  }
}

void Session::handle_signal() {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
    const int signal = static_cast<int>(info.ssi_signo);
    if (signal == SIGWINCH) {
      resize_tries_ = options_.tty && options_.on_resize ? 1 : 0;
      continue;
    }
    const bool interrupt = signal == SIGINT || signal == SIGTERM;
    if (interrupt && ending_) throw Failure("", 128 + signal);
    if (interrupt && ++interrupts_ >= forced_after) throw Failure("\ngot 3 SIGTERM/SIGINTs, forcefully exiting");
    if (!options_.take_signals) throw Failure("", 128 + signal);
    if (options_.on_signal) options_.on_signal(signal);
  }
}

void Session::resize() {
  const auto [rows, columns] = terminal_size(STDIN_FILENO);
  const bool nothing_to_tell = rows == 0 && columns == 0;
  if (nothing_to_tell || options_.on_resize(rows, columns)) {
    resize_tries_ = 0;
  } else {
    --resize_tries_;
  }
}

} // namespace gantry::cli
