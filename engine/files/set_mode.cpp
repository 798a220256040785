#include "files/set_mode.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "files/open.hpp"

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

namespace gantry::files {

int set_mode(int directory, const std::string& name, mode_t mode) {
  const long done = ::syscall(SYS_fchmodat2, directory, name.c_str(), mode, AT_SYMLINK_NOFOLLOW);
  if (done == 0 || errno != ENOSYS) return static_cast<int>(done);
  // Before Linux 6.6 a descriptor of its place has to do, by its name in /proc.
  const UniqueFd fd = open_child(directory, name, O_PATH);
  struct stat now {};
  if (!fd || ::fstat(fd.get(), &now) != 0) return -1;
  if (S_ISLNK(now.st_mode)) return errno = ELOOP, -1;
  if (::chmod(("/proc/thread-self/fd/" + std::to_string(fd.get())).c_str(), mode) == 0) return 0;
  // Where "/" is a container's root /proc may not be there, and a link leads to the container's own files at worst.
  return errno == ENOENT ? ::fchmodat(directory, name.c_str(), mode, 0) : -1;
}

} // namespace gantry::files
