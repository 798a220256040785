#include "images/empty_tar.hpp"

#include <unistd.h>

#include <cerrno>

#include "base/error.hpp"

namespace gantry::images {

bool is_empty_tar(int fd) {
  char header[512];
  const ssize_t n = ::pread(fd, header, sizeof header, 0);
  if (n < 0) throw os_error("read the layer", errno);
  return n == 0 || header[0] == '\0';
}

} // namespace gantry::images
