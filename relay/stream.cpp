#include "relay/stream.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>

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

} // namespace

Direction::~Direction() {
  if (held_ == 0) pipes_.give_back(std::move(pipe_));
}

ssize_t Direction::read() {
  if (!pipe_.in) pipe_ = pipes_.take();
  if (!pipe_.in) return broken;
  return carry(from_, pipe_.in.get(), Pipes::capacity);
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
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(upstream_.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) return false;
  // The event may be one of a descriptor that had the same number a moment ago.
  sockaddr_storage peer{};
  size = sizeof peer;
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

void Stream::on_event(int, std::uint32_t) {
  if (connecting_ && !finish_connecting()) return abort();
  if (connecting_) return;
  if (!there_.pump() || !back_.pump()) return abort();
  if (there_.is_done() && back_.is_done()) return close();
  settle();
}

} // namespace gantry::relay
