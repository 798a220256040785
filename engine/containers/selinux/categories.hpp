#pragma once

#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace gantry::containers::selinux {

/// Levels (MCS) that keep containers of one type from each other: a pair of categories each, "s0:c12,c345". What a stored
/// container has is taken as long as it exists; what has been handed out to a container that is not stored yet is taken until
/// `settle`. Thread-safe.
class Categories {
 public:
  static constexpr unsigned count = 1024; ///< categories that a policy has
  /// Of the files of containers without a process label: nobody is ever given it.
  static constexpr const char* reserved = "s0:c1022,c1023";

  /// A level that is neither reserved nor in `taken`, at random. unavailable when there is none.
  std::string pick(const std::string& container, const std::set<std::string>& taken);
  /// The container is stored now, or will never be.
  void settle(const std::string& container);

 private:
  std::mutex guard_;
  std::vector<std::pair<std::string, std::string>> pending_; ///< container, level
};

} // namespace gantry::containers::selinux
