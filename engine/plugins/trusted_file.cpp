#include "plugins/trusted_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/error.hpp"

namespace gantry::plugins {

void check_trusted_file(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) throw not_found(path + " does not exist");
    throw os_error("look at " + path, errno);
  }
  if (!S_ISREG(info.st_mode)) throw invalid(path + " is not a regular file");
  if (info.st_uid != 0 && info.st_uid != ::geteuid())
    throw forbidden(path + " belongs to user " + std::to_string(info.st_uid) + ", only root and the daemon's user are trusted");
  const bool foreign_group = (info.st_mode & S_IWGRP) != 0 && info.st_gid != 0;
  if (foreign_group || (info.st_mode & S_IWOTH) != 0) {
    char mode[8];
    std::snprintf(mode, sizeof mode, "%04o", static_cast<unsigned>(info.st_mode & 07777));
    throw forbidden(path + " can be written by others (mode " + mode + "), which would let them run code in the daemon");
  }
}

} // namespace gantry::plugins
