#pragma once

#include <mutex>
#include <string>

#include "containers/model.hpp"
#include "containers/runtime_names.hpp"

namespace gantry::containers {

/// The runtimes of the configuration, which a reload replaces. Thread-safe.
class Runtimes {
 public:
  explicit Runtimes(RuntimeNames names) : names_(std::move(names)) {}

  std::string by_default() const;
  /// HostConfig.Runtime as the driver wants it: empty for its own runtime, which also goes by Docker's names unless those are
  /// configured. Throws invalid with Docker's text for a name that nobody has configured.
  std::string for_driver(const std::string& name) const;
  /// Of a container that exists; false also when its runtime is not configured any more.
  bool is_external(const Container&) const;
  void replace(RuntimeNames);

 private:
  bool knows(const std::string& name) const;

  mutable std::mutex guard_;
  RuntimeNames names_;
};

} // namespace gantry::containers
