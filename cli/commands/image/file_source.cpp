#include "cli/commands/image/file_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "cli/failure.hpp"
#include "gantry/sdk/fd.hpp"

namespace gantry::cli {
namespace {

constexpr std::size_t piece_size = 256 * 1024;
constexpr const char* tar_type = "application/x-tar";

std::string reason() { return errno == ENOENT ? "no such file or directory" : std::strerror(errno); }

/// Standard input for "-".
struct Input {
  explicit Input(const std::string& p) : path(p) {
    if (path == "-") return;
    file.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) throw Failure("open " + path + ": " + reason());
  }
  int fd() const { return file ? file.get() : STDIN_FILENO; }

  const std::string path;
  UniqueFd file;
};

} // namespace

std::function<std::string()> file_source(const std::string& path) {
  return [input = std::make_shared<Input>(path)] {
    std::string piece(piece_size, '\0');
    ssize_t n;
    do n = ::read(input->fd(), piece.data(), piece.size());
    while (n < 0 && errno == EINTR);
    if (n < 0) throw Failure("read " + input->path + ": " + (errno == EISDIR ? "is a directory" : reason()));
    piece.resize(static_cast<std::size_t>(n));
    return piece;
  };
}

Response upload_file(Client& client, const Request& request, const std::string& path) {
  const Input input(path);
  struct stat info {};
  if (::fstat(input.fd(), &info) == 0 && S_ISREG(info.st_mode)) {
    const off_t begin = ::lseek(input.fd(), 0, SEEK_CUR); // standard input may have been read before
    if (begin >= 0 && begin <= info.st_size)
      return client.upload(request, tar_type, input.fd(), static_cast<std::uint64_t>(info.st_size - begin));
  }
  return client.upload(request, tar_type, file_source(path));
}

} // namespace gantry::cli
