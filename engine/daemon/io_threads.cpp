#include "daemon/io_threads.hpp"

#include <algorithm>
#include <exception>
#include <string>

#include "base/log.hpp"

namespace gantry::daemon {

IoThreads::IoThreads() : work_(io_.get_executor()), running_(std::max(1U, std::thread::hardware_concurrency())) {
  const auto count = running_;
  for (std::size_t i = 0; i < count; ++i) threads_.emplace_back([this] { run(); });
}

IoThreads::~IoThreads() {
  io_.stop();
  for (auto& thread : threads_) thread.join();
}

void IoThreads::run() {
  for (;;) {
    try {
      io_.run();
      break;
    } catch (const std::exception& e) {
      // A handler that lets an error escape costs its own operation, not the daemon and every client with it.
      log::error(std::string("unhandled error: ") + e.what());
    }
  }
  std::lock_guard lock(guard_);
  --running_;
  ended_.notify_all();
}

bool IoThreads::drain(std::chrono::milliseconds grace) {
  work_.reset();
  std::unique_lock lock(guard_);
  return ended_.wait_for(lock, grace, [this] { return running_ == 0; });
}

} // namespace gantry::daemon
