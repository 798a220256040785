#pragma once

#include <cstdint>
#include <gantry/sdk/fd.hpp>
#include <vector>

#include "shim/pace.hpp"

namespace gantry::runtime_linux::shim {

class Loop;

/// Something with a descriptor in the loop. Closing is final; the object is deleted by its owner through Loop::dispose.
class Handler {
 public:
  explicit Handler(Loop& loop) : loop_(loop) {}
  virtual ~Handler() = default;
  Handler(const Handler&) = delete;
  Handler& operator=(const Handler&) = delete;

  virtual void on_event(std::uint32_t events) = 0;
  /// What to wait for (EPOLL*); hang-ups and errors are always told.
  void want(std::uint32_t events);
  void close();
  bool is_open() const { return static_cast<bool>(fd_); }
  int fd() const { return fd_.get(); }

 protected:
  void open(UniqueFd fd, std::uint32_t events);
  Loop& loop_;

 private:
  UniqueFd fd_;
  std::uint32_t wanted_ = 0;
};

/// One epoll set. Before it blocks, `before_wait` runs: that is where buffered log lines are written.
class Loop {
 public:
  Loop();
  void run(void (*before_wait)(void*), void* context);
  void stop() { stopped_ = true; }
  /// Deletes `handler` after the current round of events.
  void dispose(Handler* handler);
  int epoll() const { return epoll_.get(); }
  Pace& pace() { return pace_; }

 private:
  UniqueFd epoll_;
  bool stopped_ = false;
  Pace pace_;
  std::vector<Handler*> disposed_;
};

} // namespace gantry::runtime_linux::shim
