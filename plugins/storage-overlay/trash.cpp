#include "trash.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "directory.hpp"
#include "system_error.hpp"

namespace gantry::storage_overlay {
namespace {

// A container can nest directories deeper than there are descriptors: below this depth a directory is first moved up.
constexpr int max_depth = 32;

} // namespace

Trash::Trash(const std::string& directory, Warn warn)
    : path_(directory), fd_(open_directory(directory)), warn_(std::move(warn)) {}

Trash::~Trash() {
  stopping_ = true;
  {
    std::lock_guard lock(mutex_);
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

std::string Trash::next_name() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return std::to_string(now.tv_sec) + "." + std::to_string(now.tv_nsec) + "." + std::to_string(counter_++);
}

void Trash::throw_away(const std::string& path) {
  const std::string name = next_name();
  if (::renameat(AT_FDCWD, path.c_str(), fd_.get(), name.c_str()) != 0) {
    if (errno == ENOENT) return;
    throw system_error("cannot remove '" + path + "'", errno);
  }
  empty();
}

void Trash::empty() {
  std::lock_guard lock(mutex_);
  pending_ = true;
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  changed_.notify_all();
}

void Trash::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return pending_ || stopping_; });
    if (stopping_) return;
    pending_ = false;
    lock.unlock();
    delete_all();
    lock.lock();
  }
}

void Trash::delete_all() {
  // Deleting a deep tree adds names to the trash; it ends when a round deletes nothing.
  for (bool progress = true; progress && !stopping_;) {
    progress = false;
    try {
      for (const auto& name : names_in(fd_.get())) progress = delete_tree(name) || progress;
    } catch (const std::exception& error) {
      warn_(std::string("emptying the trash: ") + error.what());
    }
  }
}

bool Trash::delete_tree(const std::string& name) {
  try {
    return delete_child(fd_.get(), name, 0);
  } catch (const Error& error) {
    warn_("cannot delete '" + path_ + "/" + name + "': " + error.what());
    return false;
  }
}

/// False when the engine is being stopped.
bool Trash::delete_child(int dir, const std::string& name, int depth) {
  if (stopping_) return false;
  if (::unlinkat(dir, name.c_str(), 0) == 0 || errno == ENOENT) return true;
  if (errno != EISDIR) throw system_error(name, errno);
  if (depth >= max_depth) {
    const std::string moved = next_name();
    if (::renameat(dir, name.c_str(), fd_.get(), moved.c_str()) != 0) throw system_error(name, errno);
    empty();
    return true;
  }
  {
    const UniqueFd child = open_child(dir, name, O_RDONLY | O_DIRECTORY);
    if (!child) throw system_error(name, errno);
    if (!delete_content(child.get(), depth + 1)) return false;
  }
  if (::unlinkat(dir, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) throw system_error(name, errno);
  return true;
}

bool Trash::delete_content(int dir, int depth) {
  for (const auto& name : names_in(dir)) {
    if (!delete_child(dir, name, depth)) return false;
  }
  return true;
}

void delete_now(int dir, const std::string& name) {
  if (::unlinkat(dir, name.c_str(), 0) == 0 || errno == ENOENT) return;
  if (errno != EISDIR) throw system_error("cannot remove '" + name + "'", errno);
  {
    const UniqueFd child = open_child(dir, name, O_RDONLY | O_DIRECTORY);
    if (!child) throw system_error("cannot remove '" + name + "'", errno);
    for (const auto& inner : names_in(child.get())) delete_now(child.get(), inner);
  }
  if (::unlinkat(dir, name.c_str(), AT_REMOVEDIR) != 0) throw system_error("cannot remove '" + name + "'", errno);
}

} // namespace gantry::storage_overlay
