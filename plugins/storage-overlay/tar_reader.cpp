#include "tar_reader.hpp"

#include <cerrno>

#include <gantry/sdk/error.hpp>

#include "entry_path.hpp"

namespace gantry::storage_overlay {

TarReader::TarReader(ByteSource& source) : source_(source), archive_(archive_read_new()) {
  if (!archive_) throw Error(Code::resource_exhausted, "no memory to read a layer");
  archive_read_support_filter_none(archive_.get());
  archive_read_support_format_tar(archive_.get());
  archive_read_support_format_empty(archive_.get());
  check(archive_read_open(archive_.get(), this, nullptr, read_block, nullptr), "damaged layer");
}

la_ssize_t TarReader::read_block(archive* a, void* self, const void** data) {
  auto* reader = static_cast<TarReader*>(self);
  try {
    return static_cast<la_ssize_t>(reader->source_.read(*data));
  } catch (const std::exception& error) { // C code is on the stack
    reader->failure_ = std::current_exception();
    archive_set_error(a, EIO, "%s", error.what());
    return ARCHIVE_FATAL;
  }
}

/// Warnings (a name that the locale cannot show, an unknown pax keyword) leave the entry usable.
void TarReader::check(int result, const char* what) {
  if (result >= ARCHIVE_WARN) return;
  if (failure_) std::rethrow_exception(failure_);
  const char* reason = archive_error_string(archive_.get());
  std::string text = what;
  if (!entry_.empty()) text += " after entry " + quoted(entry_);
  throw Error(Code::invalid, text + ": " + (reason ? reason : "not a tar archive"));
}

archive_entry* TarReader::next() {
  archive_entry* entry = nullptr;
  int result = ARCHIVE_RETRY;
  while (result == ARCHIVE_RETRY) result = archive_read_next_header(archive_.get(), &entry);
  if (result == ARCHIVE_EOF) return nullptr;
  check(result, "damaged layer");
  const char* name = archive_entry_pathname(entry);
  if (!name || !*name) throw Error(Code::invalid, "damaged layer: an entry after " + quoted(entry_) + " has no name");
  entry_ = name;
  return entry;
}

bool TarReader::data(const void*& bytes, std::size_t& size, std::int64_t& offset) {
  const int result = archive_read_data_block(archive_.get(), &bytes, &size, &offset);
  if (result == ARCHIVE_EOF) return false;
  check(result, "damaged layer");
  return true;
}

} // namespace gantry::storage_overlay
