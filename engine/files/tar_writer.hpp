#pragma once

#include <archive.h>
#include <sys/stat.h>

#include <map>
#include <memory>
#include <string>
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
  void check(long result, const std::string& path);

  struct Free {
    void operator()(archive* a) const { archive_write_free(a); }
  };
  std::unique_ptr<Utf8Locale> locale_; // so that names which are UTF-8 are written as such
  Owners owners_;
  std::unique_ptr<archive, Free> archive_;
  std::map<std::pair<dev_t, ino_t>, std::string> written_; ///< inodes with several names
  std::vector<char> buffer_;
};

} // namespace gantry::files
