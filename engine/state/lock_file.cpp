#include "state/lock_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/error.hpp"
#include "base/file.hpp"

namespace gantry::state {

LockFile::LockFile(const std::string& path) : fd_(open_file(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600)) {
  const auto root = std::filesystem::path(path).parent_path().string();
  if (::flock(fd_.get(), LOCK_EX | LOCK_NB) < 0) {
    if (errno != EWOULDBLOCK) throw os_error("lock " + path, errno);
    throw conflict("data root " + root + " is in use by another gantryd (pid " + read_file(path, 32) +
                   "): choose another --data-root");
  }
  const auto pid = std::to_string(::getpid());
  if (::ftruncate(fd_.get(), 0) < 0 || ::pwrite(fd_.get(), pid.data(), pid.size(), 0) < 0) throw os_error("write " + path, errno);
}

} // namespace gantry::state
