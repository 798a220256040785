#include "directory.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include <gantry/sdk/fd.hpp>

namespace gantry::volume_local {

namespace fs = std::filesystem;

Error system_error(const std::string& what, int err) {
  const bool full = err == ENOSPC || err == EDQUOT;
  return {full ? Code::resource_exhausted : Code::internal, what + ": " + std::generic_category().message(err), err};
}

bool exists(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0;
}

void make_directory(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) != 0) {
    if (errno == EEXIST) return;
    throw system_error("create " + path, errno);
  }
  if (::chmod(path.c_str(), mode) != 0) throw system_error("set the mode of " + path, errno);
}

std::string make_unique_directory(const std::string& prefix) {
  std::string path = prefix + "XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) throw system_error("create " + path, errno);
  if (::chmod(path.c_str(), 0701) != 0) throw system_error("set the mode of " + path, errno);
  return path;
}

std::vector<std::string> names_in(const std::string& path) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator item(path, error), end; !error && item != end; item.increment(error))
    names.push_back(item->path().filename().string());
  if (error && error.value() != ENOENT) throw system_error("read " + path, error.value());
  std::sort(names.begin(), names.end());
  return names;
}

void touch(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  if (!file) throw system_error("create " + path, errno);
}

void sync_directory(const std::string& path) {
  const UniqueFd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || ::fsync(directory.get()) != 0) throw system_error("sync " + path, errno);
}

void delete_tree(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) throw system_error("delete " + path, error.value());
}

} // namespace gantry::volume_local
