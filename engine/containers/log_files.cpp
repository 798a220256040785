#include "containers/log_files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <zlib.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>

#include "base/error.hpp"

namespace gantry::containers {
namespace {

// Trusted attributes work on every file system that the data root may be on, also on tmpfs of older kernels.
constexpr const char* first_line_attribute = "trusted.gantry.first-line";
constexpr const char* origin_attribute = "trusted.gantry.origin";

std::string directory_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

std::string attribute(int fd, const char* name) {
  std::array<char, 64> text{};
  const ssize_t size = ::fgetxattr(fd, name, text.data(), text.size());
  return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : "";
}

void set_attribute(int fd, const char* name, const std::string& value) {
  if (!value.empty()) (void)::fsetxattr(fd, name, value.data(), value.size(), 0);
}

std::optional<LogFile> open_at(const std::string& path, bool packed) {
  LogFile file;
  file.fd.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat found {};
  if (!file.fd || ::fstat(file.fd.get(), &found) != 0 || !S_ISREG(found.st_mode)) return std::nullopt;
  file.packed = packed;
  file.id = {found.st_dev, found.st_ino};
  const std::string first = attribute(file.fd.get(), first_line_attribute);
  if (!first.empty()) file.first_line = std::strtoull(first.c_str(), nullptr, 10);
  const std::string origin = packed ? attribute(file.fd.get(), origin_attribute) : "";
  if (!origin.empty()) file.id.inode = std::strtoull(origin.c_str(), nullptr, 10);
  return file;
}

struct GzipClose {
  void operator()(gzFile_s* file) const { ::gzclose(file); }
};
using Gzip = std::unique_ptr<gzFile_s, GzipClose>;

Gzip open_gzip(int fd, const char* mode) {
  const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
  Gzip gzip(copy < 0 ? nullptr : ::gzdopen(copy, mode));
  if (!gzip) {
    if (copy >= 0) ::close(copy);
    throw os_error("open a compressed log", errno);
  }
  return gzip;
}

void gzip_into(int from, int to) {
  Gzip out = open_gzip(to, "wb");
  std::array<char, 65536> block;
  for (off_t at = 0;;) {
    const ssize_t n = ::pread(from, block.data(), block.size(), at);
    if (n < 0) throw os_error("read a rotated log", errno);
    if (n == 0) break;
    at += n;
    if (::gzwrite(out.get(), block.data(), static_cast<unsigned>(n)) != n) throw os_error("compress a rotated log", errno);
  }
  if (::gzclose(out.release()) != Z_OK) throw os_error("compress a rotated log", errno);
}

/// The number under which a file is found now; the shim may have moved it on.
std::optional<unsigned> number_of(const std::string& log_path, const struct stat& file) {
  for (unsigned number = 1; number <= max_rotated_logs; ++number) {
    struct stat found {};
    const std::string path = rotated_log(log_path, number);
    if (::lstat(path.c_str(), &found) == 0) {
      if (found.st_ino == file.st_ino && found.st_dev == file.st_dev) return number;
    } else if (::lstat((path + ".gz").c_str(), &found) != 0) {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

void compress(const std::string& log_path, int plain) {
  struct stat info {};
  if (::fstat(plain, &info) != 0) return;
  const std::string fresh = log_path + ".packing";
  const UniqueFd out(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640));
  if (!out) throw os_error("create " + fresh, errno);
  gzip_into(plain, out.get());
  set_attribute(out.get(), first_line_attribute, attribute(plain, first_line_attribute));
  set_attribute(out.get(), origin_attribute, std::to_string(info.st_ino));
  const LogDirectoryLock lock(log_path, LockKind::exclusive);
  const auto number = number_of(log_path, info);
  const std::string name = number ? rotated_log(log_path, *number) : "";
  if (number && ::rename(fresh.c_str(), (name + ".gz").c_str()) == 0)
    ::unlink(name.c_str());
  else
    ::unlink(fresh.c_str());
}

} // namespace

LogDirectoryLock::LogDirectoryLock(const std::string& log_path, LockKind kind)
    : directory_(::open(directory_of(log_path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (directory_) (void)::flock(directory_.get(), kind == LockKind::shared ? LOCK_SH : LOCK_EX);
}

std::string rotated_log(const std::string& log_path, unsigned number) {
  return number == 0 ? log_path : log_path + "." + std::to_string(number);
}

std::optional<LogFile> open_log_file(const std::string& log_path, unsigned number) {
  auto file = open_at(rotated_log(log_path, number), false);
  if (!file && number > 0) file = open_at(rotated_log(log_path, number) + ".gz", true);
  return file;
}

void unpack(LogFile& file, const std::string& log_path) {
  if (!file.packed) return;
  UniqueFd plain(::open(directory_of(log_path).c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!plain) plain.reset(::memfd_create("log", MFD_CLOEXEC)); // not every file system has nameless files
  if (!plain) throw os_error("unpack a rotated log", errno);
  const Gzip in = open_gzip(file.fd.get(), "rb");
  std::array<char, 65536> block;
  for (;;) {
    const int n = ::gzread(in.get(), block.data(), block.size());
    if (n <= 0) break; // the end, or damaged: what could be read counts
    for (ssize_t done = 0; done < n;) {
      const ssize_t written = ::write(plain.get(), block.data() + done, static_cast<std::size_t>(n - done));
      if (written <= 0) throw os_error("unpack a rotated log", errno);
      done += written;
    }
  }
  file.fd = std::move(plain);
  file.packed = false;
}

void compress_rotated_logs(const std::string& log_path) {
  for (unsigned number = 1; number <= max_rotated_logs; ++number) {
    const UniqueFd plain(::open(rotated_log(log_path, number).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (plain) {
      compress(log_path, plain.get());
    } else if (::access((rotated_log(log_path, number) + ".gz").c_str(), F_OK) != 0) {
      return;
    }
  }
}

} // namespace gantry::containers
