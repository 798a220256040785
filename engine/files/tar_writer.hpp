#pragma once

#include <archive.h>
#include <sys/stat.h>

#include <exception>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "files/owners.hpp"

namespace gantry::files {

class Utf8Locale;

/// Writes files as an uncompressed pax tar. The calling thread has a working directory of its own.
class TarWriter {
 public:
  TarWriter(int out, Owners owners);
  ~TarWriter();
  TarWriter(const TarWriter&) = delete;
  TarWriter& operator=(const TarWriter&) = delete;

  /// `entry` of `directory` as `path`, and everything below it. Sockets, which a tar cannot hold, are left out, and so is what
  /// goes away meanwhile.
  void add_tree(int directory, const std::string& entry, const struct stat& info, const std::string& path);
  void finish();

 private:
  void add(int directory, const std::string& entry, const struct stat& info, const std::string& path);
  void add_below(int directory, const std::string& prefix, int depth);
  void write_content(int fd, const struct stat& info, const std::string& path);
  std::uint64_t move_content(int fd, std::uint64_t size, const std::string& path);
  static la_ssize_t take_bytes(archive*, void* self, const void* data, std::size_t size);
  void write(std::string_view bytes);
  void flush();
  void check(long result, const std::string& path);

  struct Free {
    void operator()(archive* a) const { archive_write_free(a); }
  };
  std::unique_ptr<Utf8Locale> locale_; // so that names which are UTF-8 are written as such
  Owners owners_;
  int out_;
  std::string pending_;        ///< not yet written
  bool moved_ = false;         ///< what libarchive writes now has gone to `out_` by itself
  std::exception_ptr failure_; ///< why a write failed
  std::unique_ptr<archive, Free> archive_;
  std::map<std::pair<dev_t, ino_t>, std::string> written_; ///< inodes with several names
  std::vector<char> buffer_;
};

} // namespace gantry::files
