#include "cli/commands/archive_output.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "cli/failure.hpp"

namespace gantry::cli {
namespace {

void write_all(int fd, std::string_view bytes, const std::string& where) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw Failure("write " + where + ": " + std::strerror(errno));
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void copy(Response& response, int fd, const std::string& where) {
  for (std::string piece = response.next(); !piece.empty(); piece = response.next()) write_all(fd, piece, where);
}

/// Told as docker does.
void check_place(const std::string& path, const std::string& what) {
  const std::string parent = std::filesystem::path(path).parent_path();
  struct stat info {};
  if (!parent.empty() && ::stat(parent.c_str(), &info) != 0) {
    const std::string reason = errno == ENOENT ? "no such file or directory" : std::strerror(errno);
    throw Failure(what + ": invalid output path: stat " + parent + ": " + reason);
  }
  if (::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) throw Failure(what + ": cannot write to a directory");
}

void write_to_file(Response& response, const std::string& path, const std::string& what) {
  check_place(path, what);
  std::string fresh = path + ".XXXXXX";
  const UniqueFd file(::mkostemp(fresh.data(), O_CLOEXEC));
  if (!file) throw Failure(what + ": create " + path + ": " + std::strerror(errno));
  try {
    copy(response, file.get(), path);
    if (::rename(fresh.c_str(), path.c_str()) != 0) throw Failure(what + ": " + path + ": " + std::strerror(errno));
  } catch (...) {
    ::unlink(fresh.c_str());
    throw;
  }
}

} // namespace

void write_archive(Response& response, const std::string& path, const std::string& what) {
  if (path.empty())
    copy(response, STDOUT_FILENO, "standard output");
  else
    write_to_file(response, path, what);
}

void check_archive_output(const std::string& path) {
  if (path.empty() && ::isatty(STDOUT_FILENO) != 0)
    throw Failure("cowardly refusing to save to a terminal. Use the -o flag or redirect");
}

} // namespace gantry::cli
