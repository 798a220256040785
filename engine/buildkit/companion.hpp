#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include <gantry/sdk/fd.hpp>

#include "base/json.hpp"

namespace gantry::buildkit {

/// gantry-buildkit, which speaks BuildKit's gRPC to clients and builds through the daemon's own API. It is started when somebody
/// needs it, ends when nobody has for a minute, and with the daemon. Thread-safe.
class Companion {
 public:
  /// `serve`: called on a thread of the companion's with a connection on which it wants to use the API.
  Companion(std::string program, std::function<void(UniqueFd)> serve);
  /// Ends it.
  ~Companion();
  Companion(const Companion&) = delete;
  Companion& operator=(const Companion&) = delete;

  /// Gives it a connection (-1: none) with what is to be done with it, see docs/build.md. Blocks while it starts. unavailable
  /// when it cannot be started.
  void hand_over(const Json& message, int fd);
  /// Otherwise clients are told that the classic builder is all there is.
  bool is_installed() const;
  /// Or was when it was last looked at. Does not block.
  bool is_running() const { return running_; }

 private:
  void start();
  void end();
  /// On a thread of its own, until the process has ended.
  void listen(int connection, pid_t pid);
  void let_go(std::uint64_t seen);

  const std::string program_;
  const std::function<void(UniqueFd)> serve_;
  std::mutex guard_;
  UniqueFd connection_, process_; ///< process_: a pidfd
  std::uint64_t handed_over_ = 0; ///< to the one that runs
  std::atomic<bool> running_{false};
  std::thread listener_;
};

} // namespace gantry::buildkit
