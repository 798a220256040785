#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

#include <gantry/sdk/fd.hpp>
#include <gantry/sdk/host.hpp>

#include "log-common/endpoint.hpp"

namespace gantry::log_common {

/// When to give up: the call is cancelled, or its time is over.
class Patience {
 public:
  explicit Patience(const Call& call, std::int64_t milliseconds = 10'000);
  /// Waits until `fd` is ready for `events` (POLLIN, POLLOUT); throws cancelled or unavailable ("… did not …").
  void wait_for(int fd, short events, const std::string& who) const;

 private:
  const Call& call_;
  std::int64_t deadline_ns_;
};

/// A connected socket. Every error is `unavailable` with a sentence that names the target. Nothing waits longer than `patience`.
class Connection {
 public:
  static Connection open(const Patience& patience, const Endpoint& endpoint);
  Connection(Connection&&) = default;
  Connection& operator=(Connection&&) = default;

  int fd() const { return fd_.get(); }
  const std::string& target() const { return target_; }
  /// A stream that the other end has closed meanwhile: writing into it would lose what is written.
  bool is_stale() const;
  /// All bytes of a stream.
  void send(const Patience& patience, std::string_view bytes) const;
  /// One datagram.
  void send_datagram(const Patience& patience, std::string_view bytes) const;
  /// Returns once the other machine has acknowledged everything that was sent on a stream.
  void settle(const Patience& patience) const;
  /// Some bytes; empty at the end of the stream.
  std::string receive(const Patience& patience) const;

 private:
  Connection(UniqueFd fd, std::string target, bool tcp) : fd_(std::move(fd)), target_(std::move(target)), tcp_(tcp) {}
  UniqueFd fd_;
  std::string target_;
  bool tcp_ = false;
};

} // namespace gantry::log_common
