#pragma once

#include <string>

namespace gantry::driver_test {

/// Tars written by hand, byte by byte, so that they may also be what no tar program would write.
class TarBytes {
 public:
  TarBytes& file(const std::string& name, const std::string& content) { return entry(name, '0', "", content); }
  TarBytes& directory(const std::string& name) { return entry(name, '5', "", ""); }
  TarBytes& symlink(const std::string& name, const std::string& target) { return entry(name, '2', target, ""); }
  TarBytes& hardlink(const std::string& name, const std::string& target) { return entry(name, '1', target, ""); }
  /// With the two blocks of zeros that end a tar.
  std::string bytes() const { return bytes_ + std::string(1024, '\0'); }

 private:
  TarBytes& entry(const std::string& name, char type, const std::string& link, const std::string& content);
  std::string bytes_;
};

} // namespace gantry::driver_test
