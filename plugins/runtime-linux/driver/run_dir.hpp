#pragma once

#include <gantry/sdk/fd.hpp>
#include <gantry/sdk/runtime.hpp>
#include <optional>
#include <string>

namespace gantry::runtime_linux {

/// What is kept about a container while it has a directory here; the same text is RuntimeProcess::state_json.
struct ContainerState {
  std::string id;
  std::string cgroup_path;
  std::int32_t pid = 0;
  bool external = false; ///< an external OCI runtime makes its processes
  std::string to_json() const;
  /// Absent when it is no state of ours.
  static std::optional<ContainerState> from_json(const std::string& text);
};

/// A container's directory below the driver's run directory:
///   <run>/<16 hex digits of the id's hash>/
///     control    the shim's socket
///     state      ContainerState
///     exit       exit status, once it has ended
///     exec-<…>   exit status of an exec
///     root/      where init assembles the root filesystem; always empty outside its mount namespace
class RunDir {
 public:
  RunDir(const std::string& base, const std::string& id);
  /// The directory of an unknown container.
  static RunDir at(std::string path) { return RunDir(std::move(path)); }
  /// False when it exists.
  bool make() const;
  void remove() const;
  bool exists() const;
  UniqueFd open() const;
  const std::string& path() const { return path_; }
  std::string staging() const { return path_ + "/root"; }

  void write_state(const ContainerState& state) const;
  std::optional<ContainerState> state() const;
  /// Empty `exec_id`: of the container.
  std::optional<RuntimeExit> exit(const std::string& exec_id) const;

 private:
  explicit RunDir(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

} // namespace gantry::runtime_linux
