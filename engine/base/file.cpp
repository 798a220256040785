#include "base/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>

#include "base/error.hpp"
#include "base/id.hpp"

namespace gantry {

namespace {

void write_all(int fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const auto written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw os_error("write " + path, errno);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
}

void sync_directory(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path().string();
  const auto dir = open_file(parent.empty() ? "." : parent, O_RDONLY | O_DIRECTORY);
  if (::fsync(dir.get()) < 0) throw os_error("sync " + parent, errno);
}

void fill(const std::string& name, std::string_view content, mode_t mode, Durable durable) {
  const auto fd = open_file(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
  write_all(fd.get(), content, name);
  if (::fchmod(fd.get(), mode) < 0) throw os_error("chmod " + name, errno);
  if (durable == Durable::yes && ::fsync(fd.get()) < 0) throw os_error("sync " + name, errno);
}

} // namespace

UniqueFd open_file(const std::string& path, int flags, mode_t mode) {
  UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC, mode));
  if (fd) return fd;
  if (errno == ENOENT) throw Error(Code::not_found, "open " + path + ": no such file or directory", ENOENT);
  throw os_error("open " + path, errno);
}

std::string read_file(const std::string& path, std::size_t limit) {
  const auto fd = open_file(path, O_RDONLY);
  std::string content;
  std::array<char, 16384> buffer;
  for (;;) {
    const auto got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw os_error("read " + path, errno);
    if (got == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(got));
    if (content.size() > limit) throw invalid(path + " is larger than " + std::to_string(limit) + " bytes");
  }
}

void write_file_atomic(const std::string& path, std::string_view content, mode_t mode, Durable durable) {
  const auto fresh = path + ".tmp-" + short_id(random_id());
  try {
    fill(fresh, content, mode, durable);
    if (::rename(fresh.c_str(), path.c_str()) < 0) throw os_error("rename " + fresh + " to " + path, errno);
  } catch (...) {
    ::unlink(fresh.c_str());
    throw;
  }
  if (durable == Durable::yes) sync_directory(path);
}

void make_directories(const std::string& path, mode_t mode) {
  const auto parent = std::filesystem::path(path).parent_path();
  std::error_code failed;
  if (!parent.empty()) std::filesystem::create_directories(parent, failed);
  if (failed) throw os_error("mkdir " + parent.string(), failed.value());
  if (::mkdir(path.c_str(), mode) == 0) {
    if (::chmod(path.c_str(), mode) < 0) throw os_error("chmod " + path, errno);
    return;
  }
  const int err = errno;
  if (err != EEXIST || !std::filesystem::is_directory(path, failed)) throw os_error("mkdir " + path, err);
}

} // namespace gantry
