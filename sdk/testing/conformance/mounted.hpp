#pragma once

#include <string>
#include <vector>

#include <gantry/sdk/mount.hpp>

namespace gantry::driver_test {

/// Mounts a snapshot as the container's init would, for as long as it lives.
class Mounted {
 public:
  Mounted(const std::vector<Mount>& mounts, const std::string& target);
  Mounted(const Mounted&) = delete;
  Mounted& operator=(const Mounted&) = delete;
  ~Mounted();
  std::string path(const std::string& name) const { return target_ + "/" + name; }

 private:
  std::string target_;
  std::size_t count_ = 0;
};

void write_text(const std::string& path, const std::string& text);
/// Empty when the file does not exist.
std::string read_text(const std::string& path);

} // namespace gantry::driver_test
