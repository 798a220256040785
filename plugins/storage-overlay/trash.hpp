#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include <gantry/sdk/fd.hpp>

namespace gantry::storage_overlay {

/// Deletes trees. What is thrown away is gone from its place at once (one rename); a small tree is deleted before the
/// call returns, a large one by a thread in the background, and the rest of a crash at the next `empty`.
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
  /// Waits until the background thread has nothing left to do.
  void drain();

 private:
  std::string next_name();
  void run();
  void delete_all();
  bool delete_tree(const std::string& name, int budget);
  bool delete_content(int dir, int depth, int& budget);
  bool delete_child(int dir, const std::string& name, int depth, int& budget);

  std::string path_;
  UniqueFd fd_;
  Warn warn_;
  std::atomic<unsigned> counter_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool pending_ = false, busy_ = false;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

/// Deletes one name below a directory, whatever it is.
void delete_now(int dir, const std::string& name);

} // namespace gantry::storage_overlay
