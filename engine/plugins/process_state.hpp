#pragma once

#include <sys/types.h>

#include <string>

namespace gantry::plugins {

/// What a driver must leave as it found it: it belongs to the whole process, or to a pooled thread that serves others next.
class ProcessState {
 public:
  static ProcessState now();
  /// "the working directory", "the umask", "the handler of SIGCHLD" or "the network namespace of its thread"; empty when
  /// nothing differs.
  std::string difference(const ProcessState& later) const;

 private:
  dev_t cwd_device_ = 0;
  ino_t cwd_ = 0;
  ino_t network_ = 0;
  unsigned umask_ = 0;
  const void* on_child_ = nullptr;
};

} // namespace gantry::plugins
