#include "tar_writer.hpp"

#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "directory.hpp"
#include "entry_path.hpp"
#include "system_error.hpp"

namespace gantry::storage_overlay {
namespace {

struct FreeEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
using Entry = std::unique_ptr<archive_entry, FreeEntry>;

std::string read_link(int dir, const std::string& name, std::size_t size) {
  std::string target(size + 1, '\0');
  const ssize_t length = ::readlinkat(dir, name.c_str(), target.data(), target.size());
  if (length < 0) throw system_error("cannot read the link '" + name + "'", errno);
  target.resize(static_cast<std::size_t>(length));
  return target;
}

Entry make_entry(const struct stat& info, const std::string& path) {
  Entry entry(archive_entry_new());
  archive_entry_set_pathname(entry.get(), (S_ISDIR(info.st_mode) ? path + "/" : path).c_str());
  archive_entry_set_mode(entry.get(), info.st_mode);
  archive_entry_set_uid(entry.get(), info.st_uid);
  archive_entry_set_gid(entry.get(), info.st_gid);
  archive_entry_set_mtime(entry.get(), info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
  if (S_ISREG(info.st_mode)) archive_entry_set_size(entry.get(), info.st_size);
  if (S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode)) archive_entry_set_rdev(entry.get(), info.st_rdev);
  return entry;
}

/// Calls `read` with growing buffers until the answer fits; empty when there is none.
template <class Read>
std::vector<char> read_xattr(Read read) {
  const ssize_t size = read(nullptr, 0);
  if (size <= 0) return {};
  std::vector<char> value(static_cast<std::size_t>(size));
  const ssize_t got = read(value.data(), value.size());
  value.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return value;
}

} // namespace

TarWriter::TarWriter(ByteSink& sink) : sink_(sink), archive_(archive_write_new()) {
  if (!archive_) throw Error(Code::resource_exhausted, "no memory to write a layer");
  archive_write_set_format_pax_restricted(archive_.get());
  archive_write_set_format_option(archive_.get(), "pax", "xattrheader", "SCHILY");
  archive_write_set_bytes_per_block(archive_.get(), 256 << 10);
  archive_write_set_bytes_in_last_block(archive_.get(), 512);
  check(archive_write_open(archive_.get(), this, nullptr, write_block, nullptr), "");
}

la_ssize_t TarWriter::write_block(archive* a, void* self, const void* data, std::size_t size) {
  auto* writer = static_cast<TarWriter*>(self);
  try {
    writer->sink_.write(data, size);
    return static_cast<la_ssize_t>(size);
  } catch (const std::exception& error) { // C code is on the stack
    writer->failure_ = std::current_exception();
    archive_set_error(a, EIO, "%s", error.what());
    return ARCHIVE_FATAL;
  }
}

void TarWriter::check(long result, const std::string& path) {
  if (failure_) std::rethrow_exception(failure_);
  if (result >= ARCHIVE_WARN) return;
  const char* reason = archive_error_string(archive_.get());
  throw Error(Code::internal, "cannot write " + quoted(path) + " to the layer: " + (reason ? reason : "unknown error"));
}

void TarWriter::add_xattrs(archive_entry* entry, int dir, const std::string& name) {
  const std::string proc = "/proc/self/fd/" + std::to_string(dir) + "/" + name;
  const auto names = read_xattr([&](char* data, std::size_t size) { return ::llistxattr(proc.c_str(), data, size); });
  for (auto start = names.begin(); start != names.end();) {
    const std::string key(&*start);
    start += static_cast<std::ptrdiff_t>(key.size()) + 1;
    if (key.starts_with("trusted.overlay.") || key.starts_with("user.overlay.") || key == "security.selinux") continue;
    const auto value =
        read_xattr([&](char* data, std::size_t size) { return ::lgetxattr(proc.c_str(), key.c_str(), data, size); });
    archive_entry_xattr_add_entry(entry, key.c_str(), value.data(), value.size());
  }
}

void TarWriter::add(int dir, const std::string& name, const struct stat& info, const std::string& path) {
  if (S_ISSOCK(info.st_mode)) return;
  const Entry entry = make_entry(info, path);
  const bool regular = S_ISREG(info.st_mode);
  if (!S_ISDIR(info.st_mode) && info.st_nlink > 1) {
    const auto [first, fresh] = written_.try_emplace({info.st_dev, info.st_ino}, path);
    if (!fresh) {
      archive_entry_set_hardlink(entry.get(), first->second.c_str());
      archive_entry_unset_size(entry.get());
      return check(archive_write_header(archive_.get(), entry.get()), path);
    }
  }
  if (S_ISLNK(info.st_mode)) {
    const std::string target = read_link(dir, name, static_cast<std::size_t>(info.st_size));
    archive_entry_set_symlink(entry.get(), target.c_str());
    content_bytes_ += target.size();
  }
  add_xattrs(entry.get(), dir, name);
  check(archive_write_header(archive_.get(), entry.get()), path);
  if (regular) write_content(dir, name, info, path);
}

/// The header has promised a size: a file that shrinks meanwhile is filled up with zeros, one that grows is cut.
void TarWriter::write_content(int dir, const std::string& name, const struct stat& info, const std::string& path) {
  const UniqueFd fd = open_child(dir, name, O_RDONLY | O_NONBLOCK);
  if (!fd) throw system_error("cannot read '" + path + "'", errno);
  auto left = static_cast<std::uint64_t>(info.st_size);
  while (left > 0) {
    const ssize_t got = ::read(fd.get(), buffer_.data(), std::min<std::uint64_t>(left, buffer_.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw system_error("cannot read '" + path + "'", errno);
    if (got == 0) break;
    check(archive_write_data(archive_.get(), buffer_.data(), static_cast<std::size_t>(got)), path);
    left -= static_cast<std::uint64_t>(got);
  }
  check(archive_write_finish_entry(archive_.get()), path);
  content_bytes_ += static_cast<std::uint64_t>(info.st_size);
}

void TarWriter::add_marker(const std::string& path) {
  struct stat info {};
  info.st_mode = S_IFREG;
  check(archive_write_header(archive_.get(), make_entry(info, path).get()), path);
}

void TarWriter::finish() { check(archive_write_close(archive_.get()), ""); }

} // namespace gantry::storage_overlay
