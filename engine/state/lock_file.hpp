#pragma once

#include <string>

#include <gantry/sdk/fd.hpp>

namespace gantry::state {

/// The data-root is this process's as long as the object lives (flock; the kernel lets go when the process dies).
/// Refuses with conflict when another daemon has it, naming its pid.
class LockFile {
 public:
  explicit LockFile(const std::string& path);

 private:
  UniqueFd fd_;
};

} // namespace gantry::state
