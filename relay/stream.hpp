#pragma once

#include <functional>

#include "loop/loop.hpp"
#include "relay/pipes.hpp"

namespace gantry::relay {

/// One direction of a connection: bytes go from one socket to the other without being looked at (splice(2)), no more than fit a
/// pipe, and the end of one is told the other.
class Direction {
 public:
  Direction(Pipes& pipes, int from, int to) : pipes_(pipes), from_(from), to_(to) {}
  ~Direction();
  Direction(const Direction&) = delete;
  Direction& operator=(const Direction&) = delete;

  /// Carries what there is, for a while; false where the connection is broken.
  bool pump();
  bool is_done() const { return done_; }
  bool wants_to_read() const { return !ended_ && held_ == 0; }
  bool wants_to_write() const { return held_ != 0; }

 private:
  /// Bytes, 0 at the end, -1 where there are none now, -2 where the socket is broken.
  ssize_t read();
  /// What splice(2) cannot carry: it stops for ever in front of an urgent byte of TCP.
  ssize_t read_past_mark();
  ssize_t write();

  Pipes& pipes_;
  int from_, to_;
  Pipe pipe_;
  std::size_t held_ = 0; ///< in the pipe
  bool ended_ = false, done_ = false;
};

/// A connection: who came, and the container. Calls `closed` once, when both directions are done or one is broken; the owner
/// deletes it then.
class Stream {
 public:
  /// `upstream` is connecting.
  Stream(Loop&, Pipes&, UniqueFd client, UniqueFd upstream, std::function<void()> closed);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Ends where an end has broken that is not waited for now: one that has said everything and waits for answers.
  void end_if_broken();

 private:
  void on_event(int fd, std::uint32_t events);
  enum class State { open, done, broken };
  State advance();
  /// False where it failed; it may still go on.
  bool finish_connecting();
  void close();
  /// Both ends hear that it is broken, as by a container's own reset.
  void abort();
  /// Waits for what can go on.
  void settle();
  void want(int fd, std::uint32_t& waiting, std::uint32_t wanted);

  Loop& loop_;
  UniqueFd client_, upstream_;
  std::uint32_t client_events_ = 0, upstream_events_ = 0; ///< what is waited for; 0: the loop does not know it
  bool connecting_ = true;
  Direction there_, back_;
  std::function<void()> closed_;
};

} // namespace gantry::relay
