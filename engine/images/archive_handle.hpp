#pragma once

#include <memory>
#include <string>

#include <archive.h>
#include <archive_entry.h>

#include "base/error.hpp"

namespace gantry::images {

/// Owns a libarchive reader.
struct ArchiveClose {
  void operator()(archive* a) const { archive_read_free(a); }
};
using ArchiveReader = std::unique_ptr<archive, ArchiveClose>;

/// A reader that undoes gzip, bzip2, xz and zstd inside this process (no helper programs).
inline ArchiveReader make_archive_reader() {
  ArchiveReader reader(archive_read_new());
  if (!reader) throw Error(Code::resource_exhausted, "out of memory");
  archive_read_support_filter_gzip(reader.get());
  archive_read_support_filter_bzip2(reader.get());
  archive_read_support_filter_xz(reader.get());
  archive_read_support_filter_zstd(reader.get());
  return reader;
}

inline std::string archive_reason(archive* a) {
  const char* text = archive_error_string(a);
  return text ? text : "unreadable data";
}

} // namespace gantry::images
