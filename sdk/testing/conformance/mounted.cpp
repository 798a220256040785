#include "conformance/mounted.hpp"

#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gantry/sdk/error.hpp>

namespace gantry::driver_test {

namespace {

struct Options {
  unsigned long flags = 0;
  std::string data;
};

Options split(const std::vector<std::string>& options) {
  Options result;
  for (const auto& option : options) {
    if (option == "ro") {
      result.flags |= MS_RDONLY;
    } else if (option == "bind" || option == "rbind") {
      result.flags |= MS_BIND | (option == "rbind" ? MS_REC : 0);
    } else if (option != "rw") {
      result.data += (result.data.empty() ? "" : ",") + option;
    }
  }
  return result;
}

void mount_one(const Mount& m, const std::string& target) {
  const Options options = split(m.options);
  const bool bind = m.type == "bind" || (options.flags & MS_BIND) != 0;
  const unsigned long flags = options.flags | (bind ? MS_BIND : 0);
  int result = ::mount(m.source.c_str(), target.c_str(), bind ? nullptr : m.type.c_str(), bind ? flags & ~MS_RDONLY : flags,
                       options.data.c_str());
  // A bind mount becomes read-only in a second step, see mount(2).
  if (result == 0 && bind && (flags & MS_RDONLY) != 0)
    result = ::mount(nullptr, target.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr);
  if (result != 0)
    throw Error(Code::internal, "mount " + m.type + " with '" + options.data + "': " + std::strerror(errno), errno);
}

} // namespace

Mounted::Mounted(const std::vector<Mount>& mounts, const std::string& target) : target_(target) {
  std::filesystem::create_directories(target);
  for (const auto& m : mounts) {
    mount_one(m, target + m.target);
    ++count_;
  }
}

Mounted::~Mounted() {
  while (count_-- > 0) ::umount2(target_.c_str(), MNT_DETACH);
}

void write_text(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) throw Error(Code::internal, "cannot write " + path);
}

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

} // namespace gantry::driver_test
