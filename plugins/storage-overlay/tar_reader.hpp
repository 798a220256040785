#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <cstdint>
#include <exception>
#include <memory>
#include <string>

#include "byte_stream.hpp"
#include "thread_locale.hpp"

namespace gantry::storage_overlay {

/// The entries of an uncompressed tar (ustar, pax, GNU). Names come as the bytes that they are.
class TarReader {
 public:
  explicit TarReader(ByteSource&);

  /// Null at the end. invalid when it is no tar, or a damaged one.
  archive_entry* next();
  /// The next piece of the entry's content; false at its end. Holes of sparse files are left out.
  bool data(const void*& bytes, std::size_t& size, std::int64_t& offset);

 private:
  static la_ssize_t read_block(archive*, void* self, const void** data);
  void check(int result, const char* what);

  struct Free {
    void operator()(archive* a) const { archive_read_free(a); }
  };
  // In the C locale the conversion of names fails for everything but ASCII, and libarchive then leaves the bytes alone.
  // In a UTF-8 locale it would compose decomposed characters, which are different file names.
  ThreadLocale locale_{"C"};
  ByteSource& source_;
  std::exception_ptr failure_;
  std::unique_ptr<archive, Free> archive_;
  std::string entry_;
};

} // namespace gantry::storage_overlay
