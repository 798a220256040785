#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

namespace gantry::daemon {

/// The threads that all coroutines run on, as many as there are cores.
class IoThreads {
 public:
  IoThreads();
  /// Stops at once.
  ~IoThreads();
  IoThreads(const IoThreads&) = delete;
  IoThreads& operator=(const IoThreads&) = delete;

  boost::asio::io_context& context() { return io_; }
  /// Waits until nothing is left to be done; false when something still is after `grace`.
  bool drain(std::chrono::milliseconds grace);

 private:
  void run();

  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::mutex guard_;
  std::condition_variable ended_;
  std::size_t running_;
  std::vector<std::thread> threads_;
};

} // namespace gantry::daemon
