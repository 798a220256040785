#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include <gantry/sdk/fd.hpp>

namespace gantry::images {

/// Has what is written to a file system brought to the disk while more is still being written: the sync that ends a large
/// transaction then waits for the rest only, not for all of it. By itself it promises nothing.
class WriteBehind {
 public:
  /// Of the file system that the directory lies on.
  explicit WriteBehind(const std::string& directory);
  /// Waits for a sync that is going on.
  ~WriteBehind();
  WriteBehind(const WriteBehind&) = delete;
  WriteBehind& operator=(const WriteBehind&) = delete;

  /// Any thread; does not block.
  void wrote(std::uint64_t bytes);

 private:
  void work();

  UniqueFd directory_;
  std::mutex guard_;
  std::condition_variable changed_;
  std::uint64_t pending_ = 0; ///< bytes since the last sync began
  bool ended_ = false;
  std::thread thread_;
};

} // namespace gantry::images
