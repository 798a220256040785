#include "files/tar_writer.hpp"

#include <archive_entry.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/error.hpp"
#include "files/open.hpp"
#include "files/utf8_locale.hpp"
#include "files/xattrs.hpp"

namespace gantry::files {
namespace {

constexpr std::size_t io_size = 256 << 10;
constexpr std::uint64_t large = 1 << 20; ///< content that is worth a way of its own
constexpr int deepest_entry = 2000;

struct FreeEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
using Entry = std::unique_ptr<archive_entry, FreeEntry>;

std::string read_link(int directory, const std::string& entry) {
  std::string target(4096, '\0');
  const ssize_t size = ::readlinkat(directory, entry.c_str(), target.data(), target.size());
  if (size < 0) throw os_error("read the link '" + entry + "'", errno);
  target.resize(static_cast<std::size_t>(size));
  return target;
}

} // namespace

TarWriter::TarWriter(int out, Owners owners)
    : locale_(std::make_unique<Utf8Locale>()),
      owners_(std::move(owners)),
      out_(out),
      archive_(archive_write_new()),
      buffer_(io_size) {
  if (!archive_) throw Error(Code::resource_exhausted, "no memory to write an archive");
  ::fcntl(out, F_SETPIPE_SZ, 1 << 20); // fewer wake-ups of the reader; refused for files, which is fine
  archive_write_set_format_pax_restricted(archive_.get());
  archive_write_set_format_option(archive_.get(), "pax", "xattrheader", "SCHILY");
  archive_write_set_bytes_per_block(archive_.get(), 0); // it is `pending_` that makes blocks
  pending_.reserve(io_size);
  check(archive_write_open(archive_.get(), this, nullptr, take_bytes, nullptr), "");
}

TarWriter::~TarWriter() {
  // What was not finished is not to look like a whole archive.
  moved_ = true;
  archive_write_fail(archive_.get());
  archive_.reset();
}

la_ssize_t TarWriter::take_bytes(archive* a, void* self, const void* data, std::size_t size) {
  auto* writer = static_cast<TarWriter*>(self);
  if (writer->moved_) return static_cast<la_ssize_t>(size);
  try {
    if (writer->pending_.size() + size > io_size) writer->flush();
    const std::string_view bytes(static_cast<const char*>(data), size);
    if (size >= io_size)
      writer->write(bytes);
    else
      writer->pending_ += bytes;
    return static_cast<la_ssize_t>(size);
  } catch (const std::exception& error) { // C code is on the stack
    writer->failure_ = std::current_exception();
    archive_set_error(a, EIO, "%s", error.what());
    return ARCHIVE_FATAL;
  }
}

void TarWriter::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(out_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw os_error("write an archive", errno);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void TarWriter::flush() {
  write(pending_);
  pending_.clear();
}

void TarWriter::check(long result, const std::string& path) {
  if (failure_) std::rethrow_exception(failure_);
  if (result >= ARCHIVE_WARN) return;
  const char* reason = archive_error_string(archive_.get());
  throw internal("write '" + path + "' to an archive: " + (reason ? reason : "unknown error"));
}

void TarWriter::add(int directory, const std::string& name, const struct stat& info, const std::string& path) {
  const Entry entry(archive_entry_new());
  archive_entry_set_pathname(entry.get(), (S_ISDIR(info.st_mode) && !path.ends_with('/') ? path + "/" : path).c_str());
  archive_entry_set_mode(entry.get(), info.st_mode);
  archive_entry_set_uid(entry.get(), owners_.user_inside(info.st_uid));
  archive_entry_set_gid(entry.get(), owners_.group_inside(info.st_gid));
  archive_entry_set_mtime(entry.get(), info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
  if (S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode)) archive_entry_set_rdev(entry.get(), info.st_rdev);
  if (S_ISLNK(info.st_mode)) archive_entry_set_symlink(entry.get(), read_link(directory, name).c_str());
  UniqueFd content;
  struct stat now = info;
  if (S_ISREG(info.st_mode)) {
    content = open_child(directory, name, O_RDONLY | O_NONBLOCK);
    if (!content && (errno == ENOENT || errno == ELOOP)) return;
    if (!content || ::fstat(content.get(), &now) != 0) throw os_error("read '" + path + "'", errno);
    if (!S_ISREG(now.st_mode)) return; // somebody put something else there
    archive_entry_set_size(entry.get(), now.st_size);
  }
  if (!S_ISDIR(info.st_mode) && now.st_nlink > 1) {
    const auto [first, fresh] = written_.try_emplace({now.st_dev, now.st_ino}, path);
    if (!fresh) {
      archive_entry_set_hardlink(entry.get(), first->second.c_str());
      archive_entry_unset_size(entry.get());
      return check(archive_write_header(archive_.get(), entry.get()), path);
    }
  }
  for (const auto& [key, value] : xattrs_of(directory, name))
    archive_entry_xattr_add_entry(entry.get(), key.c_str(), value.data(), value.size());
  check(archive_write_header(archive_.get(), entry.get()), path);
  if (content) write_content(content.get(), now, path);
}

/// The header has promised a size: a file that shrinks meanwhile is filled up with zeros, one that grows is cut.
void TarWriter::write_content(int fd, const struct stat& info, const std::string& path) {
  const auto size = static_cast<std::uint64_t>(info.st_size);
  std::uint64_t done = size >= large ? move_content(fd, size, path) : 0;
  while (done < size) {
    const ssize_t got =
        ::pread(fd, buffer_.data(), std::min<std::uint64_t>(size - done, buffer_.size()), static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw os_error("read '" + path + "'", errno);
    if (got == 0) break;
    check(archive_write_data(archive_.get(), buffer_.data(), static_cast<std::size_t>(got)), path);
    done += static_cast<std::uint64_t>(got);
  }
  check(archive_write_finish_entry(archive_.get()), path);
}

/// From the file into the pipe, inside the kernel; libarchive only counts it. The number of bytes: fewer where the kernel cannot,
/// or at the end of the file.
std::uint64_t TarWriter::move_content(int fd, std::uint64_t size, const std::string& path) {
  flush();
  off_t offset = 0;
  while (static_cast<std::uint64_t>(offset) < size) {
    const auto left = size - static_cast<std::uint64_t>(offset);
    const ssize_t n = ::splice(fd, &offset, out_, nullptr, std::min<std::uint64_t>(left, large), SPLICE_F_MOVE);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno != EINVAL) throw os_error("copy '" + path + "' to an archive", errno);
    if (n <= 0) break;
  }
  moved_ = true;
  for (auto left = static_cast<std::uint64_t>(offset); left > 0;) {
    const auto piece = std::min<std::uint64_t>(left, buffer_.size());
    check(archive_write_data(archive_.get(), buffer_.data(), piece), path);
    left -= piece;
  }
  moved_ = false;
  return static_cast<std::uint64_t>(offset);
}

void TarWriter::add_below(int directory, const std::string& prefix, int depth) {
  if (depth > deepest_entry) throw invalid("'" + prefix + "' is nested too deeply");
  for (const auto& name : names_in(directory)) {
    struct stat info {};
    if (!stat_child(directory, name, info) || S_ISSOCK(info.st_mode)) continue;
    const std::string path = prefix + name;
    if (!S_ISDIR(info.st_mode)) {
      add(directory, name, info, path);
      continue;
    }
    const UniqueFd child = open_child(directory, name, O_RDONLY | O_DIRECTORY);
    if (!child && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)) continue;
    if (!child) throw os_error("read '" + path + "'", errno);
    add(child.get(), ".", info, path);
    add_below(child.get(), path + "/", depth + 1);
  }
}

void TarWriter::add_tree(int directory, const std::string& name, const struct stat& info, const std::string& path) {
  if (!S_ISDIR(info.st_mode)) return add(directory, name, info, path);
  const UniqueFd tree = open_child(directory, name, O_RDONLY | O_DIRECTORY);
  if (!tree) throw os_error("read '" + path + "'", errno);
  add(tree.get(), ".", info, path);
  add_below(tree.get(), path.ends_with('/') ? path : path + "/", 0);
}

void TarWriter::finish() {
  check(archive_write_close(archive_.get()), "");
  flush();
}

} // namespace gantry::files
