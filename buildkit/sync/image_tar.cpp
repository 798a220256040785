#include "buildkit/sync/image_tar.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <stdexcept>

#include "buildkit/sync/listing.hpp"

namespace gantry::buildkit {
namespace {

/// What a container has besides its image's files.
constexpr const char* added[] = {".dockerenv", "dev",      "dev/console",     "dev/pts", "dev/shm", "etc/hostname",
                                 "etc/hosts",  "etc/mtab", "etc/resolv.conf", "proc",    "sys"};

bool is_added(const fsutil::types::Stat& stat, std::int64_t since) {
  if (stat.modtime() < since || stat.size() > 0) return false;
  return std::any_of(std::begin(added), std::end(added), [&](const char* name) { return stat.path() == name; });
}

std::string clean_path(const char* name) {
  std::string path = name == nullptr ? "" : name;
  while (path.starts_with("./")) path.erase(0, 2);
  while (path.starts_with("/")) path.erase(0, 1);
  while (path.ends_with('/')) path.pop_back();
  return path == "." ? "" : path;
}

/// False for what is left out.
bool describe(archive_entry* entry, fsutil::types::Stat& stat) {
  stat.set_path(clean_path(archive_entry_pathname(entry)));
  if (stat.path().empty()) return false;
  std::uint32_t bits = go_mode(archive_entry_perm(entry));
  const char* hard = archive_entry_hardlink(entry);
  const auto type = archive_entry_filetype(entry);
  if (hard != nullptr) {
    stat.set_linkname(clean_path(hard));
  } else if (type == AE_IFDIR) {
    bits |= mode::directory;
  } else if (type == AE_IFLNK) {
    bits |= mode::symlink;
    stat.set_linkname(archive_entry_symlink(entry) == nullptr ? "" : archive_entry_symlink(entry));
  } else if (type == AE_IFREG) {
    stat.set_size(archive_entry_size(entry));
  } else {
    return false;
  }
  stat.set_mode(bits);
  stat.set_uid(static_cast<std::uint32_t>(archive_entry_uid(entry)));
  stat.set_gid(static_cast<std::uint32_t>(archive_entry_gid(entry)));
  stat.set_modtime(archive_entry_mtime(entry) * 1'000'000'000LL + archive_entry_mtime_nsec(entry));
  return true;
}

} // namespace

ImageTar::ImageTar(std::unique_ptr<Exchange> exchange, std::int64_t since)
    : exchange_(std::move(exchange)),
      since_(since / 1'000'000'000 * 1'000'000'000), // times in the tar are of whole seconds
      archive_(archive_read_new()) {
  archive_read_support_format_tar(archive_);
  archive_read_support_format_empty(archive_);
  if (archive_read_open(archive_, this, nullptr, &ImageTar::read, nullptr) != ARCHIVE_OK) fail();
}

ImageTar::~ImageTar() { archive_read_free(archive_); }

long ImageTar::read(archive* archive, void* self, const void** bytes) {
  auto& tar = *static_cast<ImageTar*>(self);
  try {
    tar.piece_ = tar.exchange_->read();
  } catch (...) {
    tar.error_ = std::current_exception();
    archive_set_error(archive, 0, "the daemon has ended the connection");
    return -1;
  }
  *bytes = tar.piece_.data();
  return static_cast<long>(tar.piece_.size());
}

void ImageTar::fail() {
  if (error_) std::rethrow_exception(error_);
  throw std::runtime_error(std::string("tar: ") + archive_error_string(archive_));
}

bool ImageTar::next(fsutil::types::Stat& stat) {
  for (;;) {
    archive_entry* entry = nullptr;
    const int result = archive_read_next_header(archive_, &entry);
    if (result == ARCHIVE_EOF) return false;
    if (result < ARCHIVE_WARN) fail();
    stat.Clear();
    if (describe(entry, stat) && !is_added(stat, since_)) return true;
  }
}

std::size_t ImageTar::content(char* bytes, std::size_t size) {
  const auto n = archive_read_data(archive_, bytes, size);
  if (n < 0) fail();
  return static_cast<std::size_t>(n);
}

} // namespace gantry::buildkit
