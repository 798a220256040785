#include "build/copy/archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <unistd.h>

#include <memory>

namespace gantry::build {

bool is_archive(int fd) {
  struct Free {
    void operator()(archive* a) const { archive_read_free(a); }
  };
  if (::lseek(fd, 0, SEEK_SET) != 0) return false;
  const std::unique_ptr<archive, Free> reader(archive_read_new());
  archive_read_support_filter_gzip(reader.get());
  archive_read_support_filter_bzip2(reader.get());
  archive_read_support_filter_xz(reader.get());
  archive_read_support_filter_zstd(reader.get());
  archive_read_support_format_tar(reader.get());
  archive_entry* entry = nullptr;
  const bool found = archive_read_open_fd(reader.get(), fd, 64 << 10) == ARCHIVE_OK &&
                     archive_read_next_header(reader.get(), &entry) == ARCHIVE_OK;
  return ::lseek(fd, 0, SEEK_SET) == 0 && found;
}

} // namespace gantry::build
