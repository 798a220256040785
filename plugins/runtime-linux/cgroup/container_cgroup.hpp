#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cgroup/hierarchies.hpp"
#include "cgroup/resources.hpp"

namespace gantry::runtime_linux {

/// The cgroups of one container: the same path in every hierarchy. Holds nothing but names; any number of these may
/// speak about the same container.
class ContainerCgroup {
 public:
  ContainerCgroup(const Hierarchies& hierarchies, std::string path);

  /// Makes the directories and applies OCI linux.resources. On failure nothing is left.
  void create(const nlohmann::json& resources);
  /// Applies the members that are present; when one is refused, none is.
  void update(const nlohmann::json& resources);
  /// Removes the directories; processes in them are killed first when `kill_first`. Missing ones are fine.
  void remove(bool kill_first);
  /// For a parent of containers: what still has children or processes stays.
  void remove_when_empty() const;

  void kill_all(int signo) const;
  void freeze(bool frozen) const;
  bool is_frozen() const;
  std::vector<std::int32_t> processes() const;

  const std::string& path() const { return path_; }
  /// Directory for a controller, in v1 its hierarchy, in v2 the one tree; empty when the host does not have it.
  std::string directory(const std::string& controller) const;
  std::vector<std::string> v1_directories() const;
  std::string v2_directory() const { return hierarchies_.v2_directory(path_); }
  /// The file that counts OOM kills.
  std::string oom_events() const;
  std::uint32_t version() const { return hierarchies_.version; }
  const Hierarchies& hierarchies() const { return hierarchies_; }

 private:
  void make_directories();
  void allow_realtime(const nlohmann::json& resources) const;
  std::vector<CgroupValue> values(const nlohmann::json& resources) const;
  void freeze_and_wait(const std::string& file, const char* value) const;

  const Hierarchies& hierarchies_;
  std::string path_;
};

} // namespace gantry::runtime_linux
