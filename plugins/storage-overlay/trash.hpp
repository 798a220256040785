#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include <gantry/sdk/fd.hpp>

namespace gantry::storage_overlay {

/// Deletes trees. What is thrown away is gone from its place at once (one rename) and deleted by a thread in the
/// background; the rest of a crash at the next `empty`. Nobody waits for the deletion itself: on a filesystem that discards
/// freed blocks at once every directory costs milliseconds, and a container that ran one command leaves a dozen.
class Trash {
 public:
  using Warn = std::function<void(const std::string&)>;

  Trash(const std::string& directory, Warn warn);
  ~Trash();
  Trash(const Trash&) = delete;
  Trash& operator=(const Trash&) = delete;

  /// Nothing there is OK.
  void throw_away(const std::string& path);
  /// Lets the background thread delete whatever lies in the trash.
  void empty();

 private:
  std::string next_name();
  void run();
  void delete_all();
  bool delete_tree(const std::string& name);
  bool delete_content(int dir, int depth);
  bool delete_child(int dir, const std::string& name, int depth);

  std::string path_;
  UniqueFd fd_;
  Warn warn_;
  std::atomic<unsigned> counter_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool pending_ = false;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

/// Deletes one name below a directory, whatever it is.
void delete_now(int dir, const std::string& name);

} // namespace gantry::storage_overlay
