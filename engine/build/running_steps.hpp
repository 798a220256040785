#pragma once

#include <functional>
#include <string>

namespace gantry::build {

/// Which containers are steps of builds that run now, on disk: a daemon that dies takes its builds with it, and the next one ends
/// what is left of them. One empty file per container, named by its id. Thread-safe.
class RunningSteps {
 public:
  explicit RunningSteps(std::string directory);

  /// Until destroyed the container is a step's.
  class Mark {
   public:
    Mark(const RunningSteps& all, const std::string& container);
    ~Mark();
    Mark(const Mark&) = delete;
    Mark& operator=(const Mark&) = delete;

   private:
    std::string path_;
  };

  /// Calls `end` with every container that an earlier daemon left, and forgets those for which it does not throw. Before the
  /// first mark.
  void end_all(const std::function<void(const std::string& container)>& end) const;

 private:
  std::string directory_;
};

} // namespace gantry::build
