#pragma once

#include <string>

namespace gantry::daemon {

/// The daemon's process id in a file, removed with the object. Refuses with conflict to replace that of a running daemon.
class PidFile {
 public:
  explicit PidFile(std::string path);
  ~PidFile();
  PidFile(const PidFile&) = delete;
  PidFile& operator=(const PidFile&) = delete;
  void remove();

 private:
  std::string path_;
};

} // namespace gantry::daemon
