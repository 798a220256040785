#include "build/copy/place.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/error.hpp"
#include "build/copy/archive.hpp"
#include "files/earlier_links.hpp"
#include "files/extract.hpp"
#include "files/open.hpp"
#include "files/set_mode.hpp"
#include "files/user.hpp"
#include "files/xattrs.hpp"

namespace gantry::build {
namespace {

constexpr mode_t special_bits = S_ISUID | S_ISGID; // a change of owner takes them away from files, as in Docker's classic builder
constexpr int depth_max = 1000;

Error failed(const std::string& what, int error) {
  const std::string text = "failed to copy files: " + what;
  if (error == ENOTDIR || error == EEXIST || error == ENAMETOOLONG || error == ELOOP)
    return invalid(text + ": " + (error == ENOTDIR || error == EEXIST ? "not a directory" : "bad path"));
  return os_error(text, error);
}

std::string without_slash(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

UniqueFd open_or_make(int root, const std::string& path, std::pair<uid_t, gid_t> owner, bool& made) {
  UniqueFd fd = files::open_in_root(root, path.empty() ? "/" : path, O_RDONLY | O_DIRECTORY);
  if (fd) return fd;
  if (errno != ENOENT || path.empty() || path == "/") throw failed("mkdir " + path, errno);
  bool above = false;
  const UniqueFd parent = open_or_make(root, files::parent_of(path), owner, above);
  const std::string name = files::last_name(path);
  if (::mkdirat(parent.get(), name.c_str(), 0755) != 0) throw failed("mkdir " + path, errno);
  if (::fchownat(parent.get(), name.c_str(), owner.first, owner.second, AT_SYMLINK_NOFOLLOW) != 0)
    throw failed("chown " + path, errno);
  made = true;
  fd = files::open_in_root(root, path, O_RDONLY | O_DIRECTORY);
  if (!fd) throw failed("mkdir " + path, errno);
  return fd;
}

class Placer {
 public:
  Placer(int from, int to, const Placing& placing) : from_(from), to_(to), placing_(placing), links_(to) {}

  void source(const Source& source) {
    if (source.directory) return tree(source);
    struct stat info {};
    const UniqueFd fd = open_source(from_, source, info);
    if (placing_.unpack && S_ISREG(info.st_mode) && is_archive(fd.get())) return unpack(fd.get());
    std::string name;
    const UniqueFd directory = directory_for(source, name);
    const UniqueFd parent = files::open_in_root(from_, source_parent(source.path), O_RDONLY | O_DIRECTORY);
    if (!parent) throw failed("open " + source.path, errno);
    clear_way(directory.get(), name, false);
    if (S_ISREG(info.st_mode)) {
      content(fd.get(), info.st_size, directory.get(), name);
      struct stat link {};
      const std::string entry = files::last_name(source.path);
      const bool plain = files::stat_child(parent.get(), entry, link) && !S_ISLNK(link.st_mode);
      attributes(directory.get(), name, info, plain ? files::xattrs_of(parent.get(), entry) : files::Xattrs{});
      return;
    }
    special(directory.get(), name, info);
  }

 private:
  static std::string source_parent(const std::string& path) {
    const std::string parent = files::parent_of(path);
    return parent.empty() ? "/" : parent;
  }

  UniqueFd make(const std::string& path) const {
    bool made = false;
    return open_or_make(to_, without_slash(path), placing_.owner, made);
  }

  /// Where a file goes, and what it is called there.
  UniqueFd directory_for(const Source& source, std::string& name) const {
    const std::string& destination = placing_.destination;
    name = source.name;
    if (placing_.parents) return make_parents(source, files::parent_of(source.shown));
    if (destination.ends_with('/')) return make(destination);
    if (UniqueFd there = files::open_in_root(to_, destination, O_RDONLY | O_DIRECTORY)) return there;
    name = files::last_name(destination);
    return make(files::parent_of(destination));
  }

  /// Directories of the source's path, with their modes and times; `shown` is the end of that path, or what is above its end.
  UniqueFd make_parents(const Source& source, const std::string& shown) const {
    UniqueFd at = make(placing_.destination);
    const std::string begin = source.path.substr(0, source.path.size() - source.shown.size());
    for (std::size_t slash = 0; !shown.empty() && slash != shown.npos;) {
      slash = shown.find('/', slash == 0 ? 0 : slash + 1);
      const std::string part = shown.substr(0, slash), name = files::last_name(part);
      const std::string path = begin + part;
      const UniqueFd from = files::open_in_root(from_, path, O_RDONLY | O_DIRECTORY);
      struct stat info {};
      if (!from || ::fstat(from.get(), &info) != 0) throw failed("open " + path, errno);
      const bool fresh = ::mkdirat(at.get(), name.c_str(), 0755) == 0;
      if (!fresh && errno != EEXIST) throw failed("mkdir " + part, errno);
      if (fresh) attributes(at.get(), name, info, {});
      at = open_below(at.get(), name, part);
    }
    return at;
  }

  /// A link that is there already is followed inside of the tree.
  UniqueFd open_below(int directory, const std::string& name, const std::string& part) const {
    if (UniqueFd inside = files::open_child(directory, name, O_RDONLY | O_DIRECTORY)) return inside;
    UniqueFd fd = files::open_in_root(to_, placing_.destination + "/" + part, O_RDONLY | O_DIRECTORY);
    if (!fd) throw failed("mkdir " + part, errno);
    return fd;
  }

  void tree(const Source& source) {
    const UniqueFd inside = files::open_in_root(from_, source.path.empty() ? "/" : source.path, O_RDONLY | O_DIRECTORY);
    if (!inside) throw failed("open " + source.path, errno);
    const UniqueFd target = placing_.parents ? make_parents(source, source.shown) : make(placing_.destination);
    const std::string prefix = source.shown.empty() ? "" : source.shown + "/";
    not_made_ = placing_.parents ? 0 : prefix.size();
    below(inside.get(), target.get(), prefix, 0);
  }

  /// An archive keeps its owners whatever --chown says, as in the classic builder.
  void unpack(int fd) const {
    bool made = false;
    (void)open_or_make(to_, without_slash(placing_.destination), {0, 0}, made);
    files::extract(fd, to_, without_slash(placing_.destination), {});
  }

  void below(int from, int to, const std::string& prefix, int depth) {
    if (depth > depth_max) throw invalid("'" + prefix + "' is nested too deeply");
    for (const auto& name : files::names_in(from)) {
      struct stat info {};
      if (files::stat_child(from, name, info) && placing_.selection.takes(from, name, info, prefix + name))
        entry(from, to, name, info, prefix + name, depth);
    }
  }

  void entry(int from, int to, const std::string& name, const struct stat& info, const std::string& path, int depth) {
    clear_way(to, name, S_ISDIR(info.st_mode));
    if (S_ISDIR(info.st_mode)) {
      if (::mkdirat(to, name.c_str(), 0755) != 0 && errno != EEXIST) throw failed("mkdir " + path, errno);
      const UniqueFd inside = files::open_child(from, name, O_RDONLY | O_DIRECTORY);
      const UniqueFd target = files::open_child(to, name, O_RDONLY | O_DIRECTORY);
      if (!inside || !target) throw failed("open " + path, errno);
      below(inside.get(), target.get(), path + "/", depth + 1);
    } else if (S_ISREG(info.st_mode)) {
      if (links_.link(info, to, name, placing_.destination + "/" + path.substr(not_made_))) return;
      const UniqueFd in = files::open_child(from, name, O_RDONLY | O_NONBLOCK);
      if (!in) throw failed("open " + path, errno);
      content(in.get(), info.st_size, to, name);
    } else if (S_ISLNK(info.st_mode)) {
      std::string target(static_cast<std::size_t>(info.st_size) + 1, '\0');
      const ssize_t n = ::readlinkat(from, name.c_str(), target.data(), target.size());
      if (n < 0) throw failed("read the link " + path, errno);
      target.resize(static_cast<std::size_t>(n));
      if (::symlinkat(target.c_str(), to, name.c_str()) != 0) throw failed("create " + path, errno);
    } else {
      return special(to, name, info);
    }
    attributes(to, name, info, files::xattrs_of(from, name));
  }

  void special(int to, const std::string& name, const struct stat& info) const {
    if (S_ISSOCK(info.st_mode)) return;
    if (::mknodat(to, name.c_str(), info.st_mode, info.st_rdev) != 0) throw failed("create " + name, errno);
    attributes(to, name, info, {});
  }

  /// What is in the way goes; a directory takes in what comes into it.
  static void clear_way(int to, const std::string& name, bool directory) {
    struct stat old {};
    if (!files::stat_child(to, name, old)) return;
    if (S_ISDIR(old.st_mode)) {
      if (directory) return;
      throw invalid("failed to copy files: cannot overwrite directory '" + name + "' with a file");
    }
    if (::unlinkat(to, name.c_str(), 0) != 0) throw failed("replace " + name, errno);
  }

  /// `size`: what it is likely to have. Where blocks can be shared it pays for large files only.
  void content(int in, off_t size, int to, const std::string& name) {
    const UniqueFd out(::openat(to, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!out) throw failed("create " + name, errno);
    for (bool kernel = size > static_cast<off_t>(buffer_.size()); kernel;) {
      const ssize_t n = ::copy_file_range(in, nullptr, out.get(), nullptr, 1U << 30, 0);
      if (n == 0) return;
      if (n > 0) continue;
      if (errno != EXDEV && errno != EINVAL && errno != EOPNOTSUPP && errno != ENOSYS && errno != EBADF)
        throw failed("write " + name, errno);
      kernel = false;
    }
    for (;;) {
      const ssize_t n = ::read(in, buffer_.data(), buffer_.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) throw failed("read " + name, errno);
      if (n == 0) return;
      for (ssize_t done = 0; done < n;) {
        const ssize_t written = ::write(out.get(), buffer_.data() + done, static_cast<std::size_t>(n - done));
        if (written < 0 && errno != EINTR) throw failed("write " + name, errno);
        done += std::max<ssize_t>(written, 0);
      }
    }
  }

  void attributes(int to, const std::string& name, const struct stat& info, const files::Xattrs& xattrs) const {
    if (::fchownat(to, name.c_str(), placing_.owner.first, placing_.owner.second, AT_SYMLINK_NOFOLLOW) != 0)
      throw failed("chown " + name, errno);
    mode_t mode = info.st_mode & 07777;
    if (!S_ISDIR(info.st_mode) && !placing_.setuid) mode &= ~special_bits;
    if (placing_.mode) mode = placing_.mode->apply(mode, S_ISDIR(info.st_mode));
    if (!S_ISLNK(info.st_mode) && files::set_mode(to, name, mode) != 0) throw failed("chmod " + name, errno);
    files::set_xattrs(to, name, xattrs);
    const timespec times[] = {info.st_mtim, info.st_mtim};
    if (::utimensat(to, name.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0) throw failed("set the times of " + name, errno);
  }

  int from_, to_;
  const Placing& placing_;
  std::size_t not_made_ = 0; ///< how much of a shown path the destination does not have
  files::EarlierLinks links_;
  std::vector<char> buffer_ = std::vector<char>(256 << 10); ///< once: there may be many small files
};

bool is_number(const std::string& text) { return !text.empty() && text.find_first_not_of("0123456789") == text.npos; }

} // namespace

void place(int from, int to, const std::vector<Source>& sources, const Placing& placing) {
  Placer placer(from, to, placing);
  for (const auto& source : sources) placer.source(source);
}

bool make_directory(int root, const std::string& path, std::pair<uid_t, gid_t> owner) {
  bool made = false;
  (void)open_or_make(root, without_slash(path), owner, made);
  return made;
}

std::pair<uid_t, gid_t> chown_owner(int root, const std::string& text) {
  const bool with_group = text.find(':') != text.npos;
  try {
    if (with_group || is_number(text)) return files::find_user(root, with_group ? text : text + ":" + text);
    return files::find_user(root, text);
  } catch (const Error&) {
    const std::string user = text.substr(0, text.find(':'));
    throw invalid("unable to convert uid/gid chown string to host mapping: can't find uid for user " + user +
                  ": no such user: " + user);
  }
}

} // namespace gantry::build
