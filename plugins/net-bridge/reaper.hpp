#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

#include <gantry/sdk/network.hpp>

namespace gantry::net_bridge {

/// Deletes interfaces in the background: the kernel waits for all its processors before one is gone, and nobody else needs to.
class Reaper {
 public:
  explicit Reaper(Host& host) : host_(host) {}
  /// Returns when everything is deleted.
  ~Reaper();
  Reaper(const Reaper&) = delete;
  Reaper& operator=(const Reaper&) = delete;

  void add(std::string link);
  /// Returns when it is deleted, or will not be.
  void cancel(const std::string& link);
  /// Returns when everything so far is deleted.
  void drain();

 private:
  void run();

  Host& host_;
  std::mutex guard_;
  std::condition_variable changed_;
  std::deque<std::string> links_;
  std::string current_;
  bool stopped_ = false;
  std::thread thread_; ///< from the first one on
};

} // namespace gantry::net_bridge
