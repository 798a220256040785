#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "byte_stream.hpp"
#include "thread_locale.hpp"

namespace gantry::storage_overlay {

/// Writes files as an uncompressed pax tar. Paths are relative, without leading slash.
class TarWriter {
 public:
  explicit TarWriter(ByteSink&);

  /// Writes `name` of directory `dir` as entry `path`, with owner, times, extended attributes and content; a further name
  /// of an inode that was written before becomes a hard link. Sockets, which a tar cannot hold, are left out.
  void add(int dir, const std::string& name, const struct stat& info, const std::string& path);
  /// An empty file of root's: a whiteout.
  void add_marker(const std::string& path);
  void finish();
  /// Sum of the sizes of files and symbolic links.
  std::uint64_t content_bytes() const { return content_bytes_; }

 private:
  static la_ssize_t write_block(archive*, void* self, const void* data, std::size_t size);
  void check(long result, const std::string& path);
  void add_xattrs(archive_entry*, int dir, const std::string& name);
  void write_content(int dir, const std::string& name, const struct stat& info, const std::string& path);

  struct Free {
    void operator()(archive* a) const { archive_write_free(a); }
  };
  ThreadLocale locale_{"C.UTF-8"}; // so that names which are UTF-8 are written as such
  ByteSink& sink_;
  std::exception_ptr failure_;
  std::unique_ptr<archive, Free> archive_;
  std::map<std::pair<dev_t, ino_t>, std::string> written_;
  std::uint64_t content_bytes_ = 0;
  std::vector<char> buffer_ = std::vector<char>(128 << 10); ///< once: there may be many small files
};

} // namespace gantry::storage_overlay
