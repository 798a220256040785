#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include <gantry/sdk/fd.hpp>

#include "base/async.hpp"

namespace gantry::containers {

/// Tells that a container's log has grown or was rotated. One inotify instance for all containers: a user may have 128.
class LogWatch {
 public:
  class Watched {
   public:
    /// Set at the next change; take it before looking at the files.
    Latch next() const;
    void wake();

   private:
    mutable std::mutex guard_;
    Latch latch_;
  };

  LogWatch();

  /// Begins to watch a directory; what happens is told to `watched` until `forget`.
  void add(const std::string& directory, std::shared_ptr<Watched> watched);
  void forget(const std::shared_ptr<Watched>& watched);
  /// Readable when dispatch() has something to do.
  int fd() const { return fd_.get(); }
  void dispatch();

 private:
  UniqueFd fd_;
  std::mutex guard_;
  std::map<int, std::shared_ptr<Watched>> watched_; ///< by watch descriptor
};

} // namespace gantry::containers
