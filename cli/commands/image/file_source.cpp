#include "cli/commands/image/file_source.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "cli/failure.hpp"
#include "gantry/sdk/fd.hpp"

namespace gantry::cli {
namespace {

constexpr std::size_t piece_size = 256 * 1024;

std::string reason() { return errno == ENOENT ? "no such file or directory" : std::strerror(errno); }

} // namespace

std::function<std::string()> file_source(const std::string& path) {
  const auto file = std::make_shared<UniqueFd>();
  if (path != "-") {
    file->reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!*file) throw Failure("open " + path + ": " + reason());
  }
  return [file, path] {
    std::string piece(piece_size, '\0');
    ssize_t n;
    do n = ::read(*file ? file->get() : STDIN_FILENO, piece.data(), piece.size());
    while (n < 0 && errno == EINTR);
    if (n < 0) throw Failure("read " + path + ": " + (errno == EISDIR ? "is a directory" : reason()));
    piece.resize(static_cast<std::size_t>(n));
    return piece;
  };
}

} // namespace gantry::cli
