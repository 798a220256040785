#include "relay/stream.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <exception>

namespace gantry::relay {

namespace {

/// So that one that never ends leaves the others their turn.
constexpr int rounds = 16;

constexpr ssize_t nothing_now = -1, broken = -2;

ssize_t carry(int from, int to, std::size_t size) {
  for (;;) {
    const ssize_t n = ::splice(from, nullptr, to, nullptr, size, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (n >= 0) return n;
    if (errno != EINTR) return errno == EAGAIN ? nothing_now : broken;
  }
}

bool has_failed(int socket) {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0;
}

} // namespace

Direction::~Direction() {
  if (held_ == 0) pipes_.give_back(std::move(pipe_));
}

ssize_t Direction::read() {
  if (!pipe_.in) pipe_ = pipes_.take();
  if (!pipe_.in) return broken;
  const ssize_t n = carry(from_, pipe_.in.get(), Pipes::capacity);
  return n == nothing_now ? read_past_mark() : n;
}

ssize_t Direction::read_past_mark() {
  int waiting = 0;
  if (::ioctl(from_, FIONREAD, &waiting) != 0 || waiting <= 0) return nothing_now;
  std::array<char, 4096> some; // as much as the smallest pipe takes at once, and it is empty
  const ssize_t n = ::recv(from_, some.data(), some.size(), MSG_DONTWAIT);
  if (n < 0) return errno == EAGAIN || errno == EINTR ? nothing_now : broken;
  if (n == 0) return 0;
  return ::write(pipe_.in.get(), some.data(), static_cast<std::size_t>(n)) == n ? n : broken;
}

ssize_t Direction::write() { return carry(pipe_.out.get(), to_, held_); }

bool Direction::pump() {
  for (int round = 0; round < rounds && !done_; ++round) {
    if (!ended_ && held_ == 0) {
      const ssize_t n = read();
      if (n == broken) return false;
      if (n == nothing_now) break;
      ended_ = n == 0;
      held_ = static_cast<std::size_t>(n);
    }
    while (held_ != 0) {
      const ssize_t n = write();
      if (n == broken) return false;
      if (n == nothing_now) return true;
      held_ -= static_cast<std::size_t>(n);
    }
    if (ended_) {
      ::shutdown(to_, SHUT_WR);
      done_ = true;
    }
  }
  if (held_ == 0) pipes_.give_back(std::move(pipe_));
  return true;
}

Stream::Stream(Loop& loop, Pipes& pipes, UniqueFd client, UniqueFd upstream, std::function<void()> closed)
    : loop_(loop),
      client_(std::move(client)),
      upstream_(std::move(upstream)),
      there_(pipes, client_.get(), upstream_.get()),
      back_(pipes, upstream_.get(), client_.get()),
      closed_(std::move(closed)) {
  // An urgent byte is one like the others, in its place.
  const int yes = 1;
  for (const int fd : {client_.get(), upstream_.get()}) ::setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &yes, sizeof yes);
  settle();
}

Stream::~Stream() {
  want(client_.get(), client_events_, 0);
  want(upstream_.get(), upstream_events_, 0);
}

void Stream::want(int fd, std::uint32_t& waiting, std::uint32_t wanted) {
  if (waiting == wanted) return;
  // The loop tells of errors and hang-ups always: what is not waited for must not be there at all.
  if (wanted == 0) loop_.remove(fd);
  if (waiting == 0) loop_.add(fd, wanted, [this, fd](std::uint32_t events) { on_event(fd, events); });
  if (waiting != 0 && wanted != 0) loop_.change(fd, wanted);
  waiting = wanted;
}

void Stream::settle() {
  if (connecting_) return want(upstream_.get(), upstream_events_, EPOLLOUT);
  const auto events = [](const Direction& from_here, const Direction& to_here) {
    return (from_here.wants_to_read() ? EPOLLIN : 0U) | (to_here.wants_to_write() ? EPOLLOUT : 0U);
  };
  want(client_.get(), client_events_, events(there_, back_));
  want(upstream_.get(), upstream_events_, events(back_, there_));
}

bool Stream::finish_connecting() {
  if (has_failed(upstream_.get())) return false;
  // The event may be one of a descriptor that had the same number a moment ago.
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  connecting_ = ::getpeername(upstream_.get(), reinterpret_cast<sockaddr*>(&peer), &size) != 0;
  return true;
}

void Stream::close() {
  const auto closed = std::move(closed_); // not a part of *this, which is gone when it returns
  closed();
}

void Stream::abort() {
  const linger reset{1, 0};
  for (const int fd : {client_.get(), upstream_.get()}) ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  close();
}

Stream::State Stream::advance() {
  try {
    if (connecting_ && !finish_connecting()) return State::broken;
    if (connecting_) return State::open;
    if (!there_.pump() || !back_.pump()) return State::broken;
    if (there_.is_done() && back_.is_done()) return State::done;
    settle();
    return State::open;
  } catch (const std::exception&) {
    return State::broken; // the kernel waits for no more of them
  }
}

void Stream::on_event(int, std::uint32_t) {
  const State state = advance();
  if (state == State::broken) return abort();
  if (state == State::done) return close();
}

void Stream::end_if_broken() {
  const bool broken_end = (client_events_ == 0 && has_failed(client_.get())) ||
                          (!connecting_ && upstream_events_ == 0 && has_failed(upstream_.get()));
  if (broken_end) abort();
}

} // namespace gantry::relay
