#include "net-common/sysctl.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <gantry/sdk/fd.hpp>

namespace gantry::net {

std::string read_sysctl(const std::string& name) {
  const UniqueFd fd(::open(("/proc/sys/" + name).c_str(), O_RDONLY | O_CLOEXEC));
  char text[256];
  const ssize_t n = fd ? ::read(fd.get(), text, sizeof text) : 0;
  std::string value(text, n > 0 ? static_cast<std::size_t>(n) : 0);
  while (!value.empty() && value.back() == '\n') value.pop_back();
  return value;
}

bool write_sysctl(const std::string& name, const std::string& value) {
  const UniqueFd fd(::open(("/proc/sys/" + name).c_str(), O_WRONLY | O_CLOEXEC));
  return fd && ::write(fd.get(), value.data(), value.size()) == static_cast<ssize_t>(value.size());
}

} // namespace gantry::net
