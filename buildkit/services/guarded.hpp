#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "buildkit/solve/build.hpp"

namespace gantry::buildkit {

/// Runs what answers a call, and makes its exceptions the call's status.
grpc::Status guarded(const std::function<grpc::Status()>& work);

/// Cancels a build when its caller has gone. A thread of its own looks, for as long as this lives.
class Watch {
 public:
  Watch(std::function<bool()> has_gone, Cancellation& cancellation);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  std::mutex guard_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;
};

} // namespace gantry::buildkit
