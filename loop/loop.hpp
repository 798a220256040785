#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <unordered_map>

#include <gantry/sdk/fd.hpp>

namespace gantry {

/// One thread that waits for descriptors and times.
class Loop {
 public:
  using Handler = std::function<void(std::uint32_t events)>;
  using Clock = std::chrono::steady_clock;

  Loop();
  /// `events`: EPOLLIN, EPOLLOUT. A descriptor is removed before it is closed. Throws std::system_error, with nothing added:
  /// the kernel lets a user wait for so many only.
  void add(int fd, std::uint32_t events, Handler handler);
  void change(int fd, std::uint32_t events);
  void remove(int fd);

  std::uint64_t after(std::chrono::milliseconds delay, std::function<void()> f);
  void cancel(std::uint64_t timer);

  /// Until `stop`.
  void run();
  void stop() { stopped_ = true; }

 private:
  int wait_ms() const;
  void run_timers();

  UniqueFd epoll_;
  std::unordered_map<int, Handler> handlers_;
  std::map<std::pair<Clock::time_point, std::uint64_t>, std::function<void()>> timers_;
  std::unordered_map<std::uint64_t, Clock::time_point> times_;
  std::uint64_t last_timer_ = 0;
  bool stopped_ = false;
};

} // namespace gantry
