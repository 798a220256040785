#include "files/tar_source.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace gantry::files {
namespace {

constexpr std::size_t source_block = 256 << 10, most_at_once = 1 << 20;

ssize_t read_some(int fd, char* data, std::size_t size) {
  ssize_t n = 0;
  while ((n = ::read(fd, data, size)) < 0 && errno == EINTR) {
  }
  return n;
}

} // namespace

TarSource::TarSource(int in) : in_(in), buffer_(source_block) {
  ::fcntl(in, F_SETPIPE_SZ, 1 << 20); // fewer wake-ups; refused for files and for some users, which is fine
}

int TarSource::open(archive* reader) {
  archive_read_set_callback_data(reader, this);
  archive_read_set_read_callback(reader, read_block);
  archive_read_set_skip_callback(reader, skip_moved);
  return archive_read_open1(reader);
}

la_ssize_t TarSource::read_block(archive* reader, void* self, const void** data) {
  auto& source = *static_cast<TarSource*>(self);
  const ssize_t n = read_some(source.in_, source.buffer_.data(), source.buffer_.size());
  if (n < 0) archive_set_error(reader, errno, "Error reading the archive");
  source.filled_ = static_cast<std::size_t>(std::max<ssize_t>(n, 0));
  *data = source.buffer_.data();
  return n;
}

la_int64_t TarSource::skip_moved(archive*, void* self, la_int64_t wanted) {
  auto& source = *static_cast<TarSource*>(self);
  const auto skipped = std::min(source.ahead_, static_cast<std::uint64_t>(std::max<la_int64_t>(wanted, 0)));
  source.ahead_ -= skipped;
  return static_cast<la_int64_t>(skipped);
}

bool TarSource::is_at_end(const void* data, std::size_t size) const {
  return static_cast<const char*>(data) + size == buffer_.data() + filled_;
}

TarSource::Moved TarSource::move(int to, off_t offset, std::uint64_t left, std::size_t padding) {
  Moved moved;
  while (moved.bytes < left) {
    const ssize_t n =
        ::splice(in_, nullptr, to, &offset, std::min<std::uint64_t>(left - moved.bytes, most_at_once), SPLICE_F_MOVE);
    if (n < 0 && errno == EINTR) continue;
    // EINVAL at first: not a pipe, or a file system that takes no pages.
    if (n < 0 && (errno != EINVAL || moved.bytes > 0)) moved.error = errno;
    if (n <= 0) break;
    moved.bytes += static_cast<std::uint64_t>(n);
  }
  ahead_ = moved.bytes;
  if (moved.bytes == left) pass_padding(padding);
  return moved;
}

void TarSource::pass_padding(std::size_t size) {
  ahead_ += size; // some archives end before it
  for (char zeros[512]; size > 0;) {
    const ssize_t n = read_some(in_, zeros, std::min(size, sizeof zeros));
    if (n <= 0) return;
    size -= static_cast<std::size_t>(n);
  }
}

} // namespace gantry::files
