#include "mount.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cerrno>
#include <map>
#include <sstream>
#include <system_error>

#include <gantry/sdk/error.hpp>

namespace gantry::volume_local {
namespace {

struct Effect {
  unsigned long set = 0, clear = 0;
};

/// mount(8)'s words for what are no options of the file system.
const std::map<std::string, Effect>& flag_words() {
  static const std::map<std::string, Effect> words = {
      {"defaults", {}},
      {"ro", {MS_RDONLY, 0}},
      {"rw", {0, MS_RDONLY}},
      {"suid", {0, MS_NOSUID}},
      {"nosuid", {MS_NOSUID, 0}},
      {"dev", {0, MS_NODEV}},
      {"nodev", {MS_NODEV, 0}},
      {"exec", {0, MS_NOEXEC}},
      {"noexec", {MS_NOEXEC, 0}},
      {"sync", {MS_SYNCHRONOUS, 0}},
      {"async", {0, MS_SYNCHRONOUS}},
      {"dirsync", {MS_DIRSYNC, 0}},
      {"mand", {MS_MANDLOCK, 0}},
      {"nomand", {0, MS_MANDLOCK}},
      {"atime", {0, MS_NOATIME}},
      {"noatime", {MS_NOATIME, 0}},
      {"diratime", {0, MS_NODIRATIME}},
      {"nodiratime", {MS_NODIRATIME, 0}},
      {"relatime", {MS_RELATIME, 0}},
      {"norelatime", {0, MS_RELATIME}},
      {"strictatime", {MS_STRICTATIME, 0}},
      {"bind", {MS_BIND, 0}},
      {"rbind", {MS_BIND | MS_REC, 0}},
  };
  return words;
}

/// The kernel's NFS and CIFS clients want an address where the user says a name.
std::string resolve(const std::string& name) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  if (const int error = ::getaddrinfo(name.c_str(), nullptr, &hints, &found); error != 0)
    throw Error(Code::unavailable, "error resolving passed in network volume address: " + name + ": " + ::gai_strerror(error));
  char text[NI_MAXHOST] = {};
  const int error = ::getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST);
  ::freeaddrinfo(found);
  return error == 0 ? text : name;
}

bool is_network(const std::string& type) { return type == "nfs" || type == "nfs4" || type == "cifs"; }

struct Parsed {
  unsigned long flags = 0;
  std::string data;
};

Parsed parse(const Options& options) {
  Parsed parsed;
  std::istringstream words(options.o);
  for (std::string word; std::getline(words, word, ',');) {
    if (word.empty()) continue;
    const auto known = flag_words().find(word);
    if (known != flag_words().end()) {
      parsed.flags = (parsed.flags & ~known->second.clear) | known->second.set;
      continue;
    }
    if (is_network(options.type) && word.rfind("addr=", 0) == 0) word = "addr=" + resolve(word.substr(5));
    parsed.data += (parsed.data.empty() ? "" : ",") + word;
  }
  return parsed;
}

} // namespace

bool is_mount_point(const std::string& path) {
  struct statx info {};
  if (::statx(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, 0, &info) != 0) return false;
  return (info.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

void mount_device(const Options& options, const std::string& target) {
  const Parsed parsed = parse(options);
  const bool bind = (parsed.flags & MS_BIND) != 0;
  int result = ::mount(options.device.c_str(), target.c_str(), bind ? nullptr : options.type.c_str(),
                       bind ? parsed.flags & (MS_BIND | MS_REC) : parsed.flags, bind ? nullptr : parsed.data.c_str());
  int error = errno;
  // The other options of a bind take a second step, see mount(2).
  if (result == 0 && bind && (parsed.flags & ~static_cast<unsigned long>(MS_BIND | MS_REC)) != 0) {
    result = ::mount(nullptr, target.c_str(), nullptr, parsed.flags | MS_REMOUNT, nullptr);
    error = errno;
    if (result != 0) unmount_all(target);
  }
  if (result == 0) return;
  std::ostringstream text;
  text << "failed to mount local volume: mount " << options.device << ":" << target << ", flags: 0x" << std::hex << parsed.flags;
  if (!parsed.data.empty()) text << ", data: " << parsed.data;
  throw Error(Code::unavailable, text.str() + ": " + std::generic_category().message(error), error);
}

void unmount_all(const std::string& path) {
  while (is_mount_point(path)) {
    if (::umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) != 0)
      throw Error(Code::internal, "unmount " + path + ": " + std::generic_category().message(errno), errno);
  }
}

} // namespace gantry::volume_local
