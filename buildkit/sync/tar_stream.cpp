#include "buildkit/sync/tar_stream.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <memory>
#include <stdexcept>

#include "buildkit/sync/listing.hpp"

namespace gantry::buildkit {
namespace {

using Entry = std::unique_ptr<archive_entry, decltype(&archive_entry_free)>;

void set_time(archive_entry* entry, std::int64_t ns) {
  std::int64_t seconds = ns / 1'000'000'000, rest = ns % 1'000'000'000;
  if (rest < 0) {
    rest += 1'000'000'000;
    --seconds;
  }
  archive_entry_set_mtime(entry, seconds, static_cast<long>(rest));
}

} // namespace

TarStream::TarStream(Sink sink) : sink_(std::move(sink)), archive_(archive_write_new()) {
  archive_write_set_format_pax_restricted(archive_);
  archive_write_set_bytes_per_block(archive_, 64 << 10);
  archive_write_set_bytes_in_last_block(archive_, 1);
  check(archive_write_open(archive_, this, nullptr, &TarStream::write, nullptr));
}

TarStream::~TarStream() { archive_write_free(archive_); }

long TarStream::write(archive* archive, void* self, const void* bytes, std::size_t size) {
  auto& stream = *static_cast<TarStream*>(self);
  try {
    if (!stream.refused_ && stream.sink_({static_cast<const char*>(bytes), size})) return static_cast<long>(size);
  } catch (...) { // through C; the sink's own state says what is wrong
  }
  stream.refused_ = true;
  archive_set_error(archive, 0, "no more is wanted");
  return -1;
}

void TarStream::check(int result) {
  if (refused_) throw NotWanted();
  if (result < ARCHIVE_WARN) throw std::runtime_error(std::string("tar: ") + archive_error_string(archive_));
}

void TarStream::entry(const fsutil::types::Stat& stat, std::int64_t size, Owners owners) {
  const Entry entry(archive_entry_new(), archive_entry_free);
  archive_entry_set_pathname(entry.get(), stat.path().c_str());
  archive_entry_set_perm(entry.get(), unix_mode(stat.mode()));
  archive_entry_set_uid(entry.get(), owners == Owners::kept ? stat.uid() : 0);
  archive_entry_set_gid(entry.get(), owners == Owners::kept ? stat.gid() : 0);
  set_time(entry.get(), stat.modtime());
  if (stat.mode() & mode::directory) {
    archive_entry_set_filetype(entry.get(), AE_IFDIR);
  } else if (stat.mode() & mode::symlink) {
    archive_entry_set_filetype(entry.get(), AE_IFLNK);
    archive_entry_set_symlink(entry.get(), stat.linkname().c_str());
  } else if (!has_content(stat)) {
    return;
  } else {
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_size(entry.get(), size);
    if (!stat.linkname().empty()) archive_entry_set_hardlink(entry.get(), stat.linkname().c_str());
  }
  for (const auto& xattr : stat.xattrs())
    archive_entry_xattr_add_entry(entry.get(), xattr.key().c_str(), xattr.value().data(), xattr.value().size());
  check(archive_write_header(archive_, entry.get()));
}

void TarStream::data(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = archive_write_data(archive_, bytes.data(), bytes.size());
    if (n <= 0) {
      check(ARCHIVE_FATAL);
      throw std::runtime_error("a file is longer than the client has said");
    }
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void TarStream::file(const std::string& path, const std::string& content) {
  fsutil::types::Stat stat;
  stat.set_path(path);
  stat.set_mode(0644);
  entry(stat, static_cast<std::int64_t>(content.size()));
  data(content);
}

void TarStream::close() { check(archive_write_close(archive_)); }

} // namespace gantry::buildkit
