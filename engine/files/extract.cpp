#include "files/extract.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <locale.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "files/open.hpp"
#include "files/set_mode.hpp"
#include "files/tar_source.hpp"
#include "files/xattrs.hpp"

namespace gantry::files {
namespace {

constexpr mode_t mode_bits = 07777;
constexpr std::size_t read_size = 256 << 10;
constexpr la_int64_t large = 1 << 20; ///< content that is worth a way of its own

/// What a file is made with. Until it has its owner its group is another one, which gets no right that not everybody has.
mode_t first_mode(mode_t mode) { return ((mode >> 3 & 7) & ~(mode & 7)) == 0 ? mode & 0777 : mode & 0700; }

struct FreeRead {
  void operator()(archive* a) const { archive_read_free(a); }
};

/// In the C locale libarchive leaves the bytes of names alone; in a UTF-8 one it would compose characters, which are different
/// file names.
class PlainNames {
 public:
  PlainNames() : own_(::newlocale(LC_CTYPE_MASK, "C", nullptr)), before_(own_ ? ::uselocale(own_) : nullptr) {}
  ~PlainNames() {
    if (!own_) return;
    ::uselocale(before_);
    ::freelocale(own_);
  }
  PlainNames(const PlainNames&) = delete;
  PlainNames& operator=(const PlainNames&) = delete;

 private:
  locale_t own_, before_;
};

std::string shown(const std::string& name) {
  std::string text;
  for (const char c : name.substr(0, 200)) text += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
  return "'" + text + "'";
}

/// An entry's name as a path relative to the directory that is unpacked into; "" is that directory itself.
std::string entry_path(const std::string& name) {
  const std::string clean = clean_path("./" + name.substr(std::min(name.find_first_not_of('/'), name.size())));
  if (clean == "..") throw invalid("entry " + shown(name) + " is outside of the destination");
  if (clean.starts_with("../")) throw invalid("entry " + shown(name) + " is outside of the destination");
  return clean == "." || clean.empty() ? "" : clean;
}

struct Attributes {
  mode_t mode = 0;
  uid_t uid = 0;
  gid_t gid = 0;
  timespec mtime{};
  Xattrs xattrs;
};

/// Files get their modes as they are made. The calling thread's own, as its working directory is.
class NoUmask {
 public:
  NoUmask() : before_(::umask(0)) {}
  ~NoUmask() { ::umask(before_); }
  NoUmask(const NoUmask&) = delete;
  NoUmask& operator=(const NoUmask&) = delete;

 private:
  mode_t before_;
};

/// One class, and a long one: every way in which an entry becomes a file shares the walk along the path, the undoing of what is
/// half-made and the texts of errors, and none of them is of use without the others.
class Extractor {
 public:
  Extractor(int in, int root, std::string into, const Extraction& options)
      : source_(in), root_(root), into_(std::move(into)), options_(options), reader_(archive_read_new()) {
    if (!reader_) throw Error(Code::resource_exhausted, "no memory to read an archive");
    archive_read_support_filter_all(reader_.get());
    archive_read_support_format_tar(reader_.get());
    archive_read_support_format_empty(reader_.get());
    check(source_.open(reader_.get()));
  }

  void run() {
    while (next()) {
      if (may_move_) move_if_needed();
      unpack();
    }
    set_directory_times();
  }

 private:
  void check(int result) const {
    if (result >= ARCHIVE_WARN) return;
    const char* reason = archive_error_string(reader_.get());
    const std::string where = name_.empty() ? "" : " after entry " + shown(name_);
    throw invalid("Error processing tar file" + where + ": " + (reason ? reason : "unexpected EOF"));
  }

  /// The archive ends where the content of its last file does, before the padding: `docker build -f -` sends such ones, and Go's
  /// reader takes them.
  bool lacks_padding() const {
    const auto read = static_cast<std::uint64_t>(archive_filter_bytes(reader_.get(), 0));
    return padding_ != 0 && read % 512 == 512 - padding_;
  }

  bool next() {
    int result = ARCHIVE_RETRY;
    while (result == ARCHIVE_RETRY) result = archive_read_next_header(reader_.get(), &entry_);
    if (result == ARCHIVE_EOF || (result == ARCHIVE_FATAL && lacks_padding())) return false;
    check(result);
    const auto size = static_cast<std::uint64_t>(archive_entry_size(entry_));
    padding_ = archive_entry_filetype(entry_) == AE_IFREG ? (512 - size % 512) % 512 : 0;
    const char* name = archive_entry_pathname(entry_);
    if (!name || !*name) throw invalid("Error processing tar file: an entry after " + shown(name_) + " has no name");
    name_ = name;
    return true;
  }

  [[noreturn]] void fail(const std::string& what, int error) const {
    const std::string text = what + " " + shown(name_);
    if (error == EROFS || error == EPERM || error == EACCES) throw Error(Code::forbidden, os_error(text, error).what(), error);
    const bool authors = error == ENOTDIR || error == ELOOP || error == ENAMETOOLONG || error == EEXIST || error == EISDIR ||
                         error == EINVAL || error == EOPNOTSUPP || error == EFBIG || error == ENOTEMPTY || error == ENOENT ||
                         error == EXDEV;
    if (authors) throw Error(Code::invalid, os_error(text, error).what(), error);
    throw os_error(text, error);
  }

  /// Whether the present entry has attributes that not every file system keeps.
  bool has_attributes() const {
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    archive_entry_xattr_reset(entry_);
    while (archive_entry_xattr_next(entry_, &name, &value, &size) == ARCHIVE_OK)
      if (std::string_view(name) != "security.capability") return true;
    return false;
  }

  void move_if_needed() {
    constexpr std::uint64_t page = 4096, inode = 1024;
    const auto size = static_cast<std::uint64_t>(std::max<la_int64_t>(archive_entry_size(entry_), 0));
    const bool fits = size <= options_.room && used_ + size + page + inode <= options_.room;
    if (fits) used_ += (size + page - 1) / page * page + inode;
    if (fits && !has_attributes()) return;
    root_ = options_.move();
    may_move_ = false;
    parent_.reset();
    cached_.clear();
  }

  std::string in_root(const std::string& path) const { return path.empty() ? into_ : into_ + "/" + path; }

  /// The directory of a path, made when missing. Tars list a directory's entries one after the other.
  int open_parent(const std::string& path) {
    const std::string directory = parent_of(path);
    if (!parent_ || cached_ != directory) {
      parent_ = open_or_make(directory);
      cached_ = directory;
    }
    return parent_.get();
  }

  UniqueFd open_or_make(const std::string& directory) {
    UniqueFd fd = open_in_root(root_, in_root(directory), O_RDONLY | O_DIRECTORY);
    if (fd) return fd;
    if (errno != ENOENT || directory.empty()) fail("open the directory of", errno);
    const UniqueFd above = open_or_make(parent_of(directory));
    if (::mkdirat(above.get(), last_name(directory).c_str(), 0755) != 0 && errno != EEXIST)
      fail("create the directory of", errno);
    const uid_t uid = options_.owners.user_outside(options_.owner ? options_.owner->first : 0);
    const gid_t gid = options_.owners.group_outside(options_.owner ? options_.owner->second : 0);
    if (options_.set_owners) (void)::fchownat(above.get(), last_name(directory).c_str(), uid, gid, AT_SYMLINK_NOFOLLOW);
    fd = open_in_root(root_, in_root(directory), O_RDONLY | O_DIRECTORY);
    if (!fd) fail("open the directory of", errno);
    return fd;
  }

  Attributes attributes() const {
    Attributes a;
    a.mode = archive_entry_mode(entry_);
    const auto uid = options_.owner ? options_.owner->first : checked_id(archive_entry_uid(entry_));
    const auto gid = options_.owner ? options_.owner->second : checked_id(archive_entry_gid(entry_));
    a.uid = options_.owners.user_outside(uid);
    a.gid = options_.owners.group_outside(gid);
    const long nanoseconds = archive_entry_mtime_nsec(entry_);
    a.mtime = {archive_entry_mtime(entry_), nanoseconds >= 0 && nanoseconds < 1'000'000'000 ? nanoseconds : 0};
    archive_entry_xattr_reset(entry_);
    const char* key = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    while (archive_entry_xattr_next(entry_, &key, &value, &size) == ARCHIVE_OK)
      if (key) a.xattrs.emplace_back(key, std::string(static_cast<const char*>(value), size));
    return a;
  }

  std::uint32_t checked_id(std::int64_t id) const {
    if (id < 0 || id >= 0xffffffff)
      throw invalid("entry " + shown(name_) + " has owner " + std::to_string(id) + "; allowed is 0 to 4294967294");
    return static_cast<std::uint32_t>(id);
  }

  /// The name below the destination, with its first component renamed.
  std::string place_of(const std::string& name) const {
    std::string path = entry_path(name);
    const std::string& from = options_.rename_from;
    if (options_.rename_to.empty()) return path;
    if (from.empty() || from == "." || from == "/") return path.empty() ? options_.rename_to : options_.rename_to + "/" + path;
    if (path == from) return options_.rename_to;
    if (path.starts_with(from + "/")) return options_.rename_to + path.substr(from.size());
    return path;
  }

  void unpack() {
    const std::string path = place_of(name_);
    const bool directory = archive_entry_filetype(entry_) == AE_IFDIR && !archive_entry_hardlink(entry_);
    if (path.empty()) {
      if (!directory) throw invalid("entry " + shown(name_) + " would replace the destination itself");
      return; // the destination stays as it is
    }
    const int parent = open_parent(path);
    const std::string name = last_name(path);
    if (options_.unwatched && add_unwatched(parent, name)) return;
    if (!make_room(parent, name, directory)) return merge_directory(parent, name, path);
    if (const char* target = archive_entry_hardlink(entry_)) return add_hardlink(parent, name, target);
    add(parent, name, path);
  }

  /// False when a directory is there and is to stay.
  bool make_room(int parent, const std::string& name, bool directory) {
    struct stat old {};
    if (!stat_child(parent, name, old)) return true;
    const bool is_directory = S_ISDIR(old.st_mode);
    if (options_.keep_kind && is_directory != directory) {
      throw invalid(directory ? "cannot overwrite non-directory " + shown(name_) + " with a directory"
                              : "cannot overwrite directory " + shown(name_) + " with non-directory");
    }
    if (is_directory && directory) return false;
    // A regular file is replaced when the new one is complete; the rest makes room now.
    if (is_directory)
      delete_directory(parent, name);
    else if (archive_entry_filetype(entry_) != AE_IFREG && ::unlinkat(parent, name.c_str(), 0) != 0 && errno != ENOENT)
      fail("replace", errno);
    return true;
  }

  void delete_directory(int parent, const std::string& name) {
    {
      const UniqueFd inside = open_child(parent, name, O_RDONLY | O_DIRECTORY);
      if (!inside) fail("replace", errno);
      for (const auto& child : names_in(inside.get())) {
        struct stat info {};
        if (!stat_child(inside.get(), child, info)) continue;
        if (S_ISDIR(info.st_mode))
          delete_directory(inside.get(), child);
        else if (::unlinkat(inside.get(), child.c_str(), 0) != 0 && errno != ENOENT)
          fail("replace", errno);
      }
    }
    if (::unlinkat(parent, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) fail("replace", errno);
    cached_.clear();
    if (parent_) parent_keep_ = std::move(parent_); // `parent` may be it
  }

  void merge_directory(int parent, const std::string& name, const std::string& path) {
    const Attributes a = attributes();
    set_attributes(parent, name, a);
    directory_times_.emplace_back(path, a.mtime);
  }

  void add(int parent, const std::string& name, const std::string& path) {
    const Attributes a = attributes();
    switch (archive_entry_filetype(entry_)) {
      case AE_IFDIR:
        if (::mkdirat(parent, name.c_str(), 0700) != 0) fail("create", errno);
        directory_times_.emplace_back(path, a.mtime);
        break;
      case AE_IFREG:
        return add_file(parent, name, a);
      case AE_IFLNK: {
        const char* target = archive_entry_symlink(entry_);
        if (!target || !*target) throw invalid("entry " + shown(name_) + " is a symbolic link to nothing");
        if (::symlinkat(target, parent, name.c_str()) != 0) fail("create", errno);
        break;
      }
      case AE_IFCHR:
      case AE_IFBLK:
      case AE_IFIFO:
        if (::mknodat(parent, name.c_str(), a.mode & (S_IFMT | 0600), archive_entry_rdev(entry_)) != 0) fail("create", errno);
        break;
      default:
        throw invalid("entry " + shown(name_) + " is of a type that is not known");
    }
    set_attributes(parent, name, a);
  }

  /// Under a name of its own until it is complete: what is cut off in the middle is not left looking like the file.
  void add_file(int parent, const std::string& name, const Attributes& a) {
    const std::string fresh = ".gantry-copy-" + std::to_string(::gettid()) + "-" + std::to_string(++files_);
    const UniqueFd fd(::openat(parent, fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, first_mode(a.mode)));
    if (!fd) fail("create", errno);
    try {
      fill(fd.get(), parent, fresh, a);
      if (::renameat(parent, fresh.c_str(), parent, name.c_str()) != 0) replace_in_place(parent, fresh, name);
    } catch (...) {
      ::unlinkat(parent, fresh.c_str(), 0);
      throw;
    }
  }

  /// A new regular file; false when it is anything else, or something of its name is there.
  bool add_unwatched(int parent, const std::string& name) {
    if (archive_entry_filetype(entry_) != AE_IFREG || archive_entry_hardlink(entry_)) return false;
    const Attributes a = attributes();
    const UniqueFd fd(::openat(parent, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, first_mode(a.mode)));
    if (!fd && errno == EEXIST) return false;
    if (!fd) fail("create", errno);
    fill(fd.get(), parent, name, a);
    return true;
  }

  void fill(int fd, int parent, const std::string& name, const Attributes& a) {
    write_content(fd);
    // Most are right as they were made: looking costs a fraction of setting.
    struct stat now {};
    if (::fstat(fd, &now) != 0) fail("look at", errno);
    const bool others = options_.set_owners && (now.st_uid != a.uid || now.st_gid != a.gid);
    if (others && ::fchown(fd, a.uid, a.gid) != 0) fail("set the owner of", errno);
    const bool mode_differs = ((now.st_mode ^ a.mode) & mode_bits) != 0;
    if (mode_differs && ::fchmod(fd, a.mode & mode_bits) != 0) fail("set the mode of", errno);
    set_xattrs(parent, name, a.xattrs);
    const timespec times[] = {a.mtime, a.mtime};
    if (::futimens(fd, times) != 0) fail("set the times of", errno);
  }

  /// A file that something is mounted on, such as /etc/hosts, cannot be renamed over: its content is replaced.
  void replace_in_place(int parent, const std::string& fresh, const std::string& name) {
    if (errno != EBUSY) fail("replace", errno);
    const UniqueFd from = open_child(parent, fresh, O_RDONLY);
    const UniqueFd to = open_child(parent, name, O_WRONLY | O_TRUNC);
    if (!from || !to) fail("replace", errno);
    std::vector<char> buffer(read_size);
    for (ssize_t n = 0; (n = ::read(from.get(), buffer.data(), buffer.size())) > 0;) {
      if (::write(to.get(), buffer.data(), static_cast<std::size_t>(n)) != n) fail("write", errno);
    }
    ::unlinkat(parent, fresh.c_str(), 0);
  }

  /// The rest of a large content; false where it has to be read like any other.
  bool move_content(int fd, la_int64_t from) {
    const auto left = static_cast<std::uint64_t>(archive_entry_size(entry_) - from);
    const TarSource::Moved moved = source_.move(fd, from, left, padding_);
    if (moved.error != 0) fail("write", moved.error);
    if (moved.bytes == 0) return false;
    if (moved.bytes < left) throw invalid("Error processing tar file: entry " + shown(name_) + " is cut off");
    check(archive_read_data_skip(reader_.get()));
    if (!source_.is_even()) throw invalid("Error processing tar file: entry " + shown(name_) + " is cut off");
    padding_ = 0;
    return true;
  }

  void write_content(int fd) {
    const void* data = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0, end = 0;
    bool movable = archive_entry_size(entry_) >= large && archive_filter_count(reader_.get()) == 1 &&
                   archive_entry_sparse_count(entry_) == 0;
    for (;;) {
      const int result = archive_read_data_block(reader_.get(), &data, &size, &offset);
      const bool whole = end == archive_entry_size(entry_);
      if (result == ARCHIVE_EOF || (result == ARCHIVE_FATAL && whole && lacks_padding())) break;
      check(result);
      for (std::size_t done = 0; done < size;) {
        const ssize_t n =
            ::pwrite(fd, static_cast<const char*>(data) + done, size - done, offset + static_cast<la_int64_t>(done));
        if (n < 0 && errno != EINTR) fail("write", errno);
        if (n > 0) done += static_cast<std::size_t>(n);
      }
      end = offset + static_cast<la_int64_t>(size);
      if (movable && archive_entry_size(entry_) - end > static_cast<la_int64_t>(read_size) && source_.is_at_end(data, size)) {
        if (move_content(fd, end)) return;
        movable = false;
      }
    }
    const la_int64_t declared = archive_entry_size(entry_);
    if (declared > end && ::ftruncate(fd, declared) != 0) fail("write", errno); // a hole at the end
  }

  /// The target is a name of this tar, below the destination like every other.
  void add_hardlink(int parent, const std::string& name, const std::string& target) {
    const std::string path = place_of(target);
    const UniqueFd directory = open_in_root(root_, in_root(parent_of(path)), O_RDONLY | O_DIRECTORY);
    struct stat info {
    }, old{};
    if (path.empty() || !directory || !stat_child(directory.get(), last_name(path), info))
      throw invalid("entry " + shown(name_) + " is a hard link to " + shown(target) + ", which is not there");
    if (stat_child(parent, name, old)) {
      if (old.st_ino == info.st_ino && old.st_dev == info.st_dev) return;
      if (::unlinkat(parent, name.c_str(), 0) != 0) fail("replace", errno);
    }
    if (::linkat(directory.get(), last_name(path).c_str(), parent, name.c_str(), 0) != 0) fail("link", errno);
  }

  void set_attributes(int parent, const std::string& name, const Attributes& a) const {
    if (options_.set_owners && ::fchownat(parent, name.c_str(), a.uid, a.gid, AT_SYMLINK_NOFOLLOW) != 0)
      fail("set the owner of", errno);
    // After chown, which takes away setuid bits.
    if (!S_ISLNK(a.mode) && set_mode(parent, name, a.mode & mode_bits) != 0) fail("set the mode of", errno);
    set_xattrs(parent, name, a.xattrs);
    const timespec times[] = {a.mtime, a.mtime};
    if (::utimensat(parent, name.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0) fail("set the times of", errno);
  }

  /// Last, since every entry inside has changed them.
  void set_directory_times() {
    for (const auto& [path, mtime] : directory_times_) {
      const UniqueFd fd = open_in_root(root_, in_root(path), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      const timespec times[] = {mtime, mtime};
      if (fd) (void)::futimens(fd.get(), times);
    }
  }

  PlainNames names_;
  NoUmask no_umask_;
  TarSource source_;
  int root_;
  std::string into_;
  const Extraction& options_;
  std::unique_ptr<archive, FreeRead> reader_;
  bool may_move_ = options_.room > 0;
  std::uint64_t used_ = 0;    ///< of the room
  std::uint64_t padding_ = 0; ///< bytes between the present entry's content and the next header
  archive_entry* entry_ = nullptr;
  std::string name_;
  std::string cached_;
  UniqueFd parent_, parent_keep_;
  std::vector<std::pair<std::string, timespec>> directory_times_;
  unsigned files_ = 0;
};

} // namespace

void extract(int in, int root, const std::string& into, const Extraction& options) {
  Extractor(in, root, into == "/" ? "" : into, options).run();
}

} // namespace gantry::files
