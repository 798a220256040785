#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <limits>

#include "directory.hpp"
#include "entry_path.hpp"
#include "layer_tree.hpp"
#include "overlay_driver.hpp"
#include "system_error.hpp"
#include "tar_reader.hpp"

// An OCI layer tar becomes a directory tree.
namespace gantry::storage_overlay {
namespace {

constexpr std::string_view whiteout_prefix = ".wh.";
constexpr std::int64_t flush_every = 8 << 20;
constexpr std::string_view opaque_marker = ".wh..wh..opq";
constexpr std::string_view aufs_prefix = ".wh..wh.";

/// Attributes that overlayfs itself reads would let a tar redirect lookups in other layers; SELinux labels are this machine's to
/// give.
bool is_reserved(std::string_view xattr) {
  return xattr.starts_with("trusted.overlay.") || xattr.starts_with("user.overlay.") || xattr == "security.selinux";
}

std::uint32_t checked_owner(std::int64_t id, const std::string& path) {
  if (id < 0 || id >= std::numeric_limits<std::uint32_t>::max()) {
    throw Error(Code::invalid, "entry " + quoted(path) + " has owner " + std::to_string(id) + "; allowed is 0 to 4294967294");
  }
  return static_cast<std::uint32_t>(id);
}

Attributes attributes_of(archive_entry* entry, const std::string& path) {
  Attributes attributes;
  attributes.mode = archive_entry_mode(entry);
  attributes.uid = checked_owner(archive_entry_uid(entry), path);
  attributes.gid = checked_owner(archive_entry_gid(entry), path);
  const long nanoseconds = archive_entry_mtime_nsec(entry);
  attributes.mtime = {archive_entry_mtime(entry), nanoseconds >= 0 && nanoseconds < 1'000'000'000 ? nanoseconds : 0};
  archive_entry_xattr_reset(entry);
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  while (archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK) {
    if (name && !is_reserved(name)) attributes.xattrs.emplace_back(name, std::string(static_cast<const char*>(value), size));
  }
  return attributes;
}

void write_all(int fd, const char* data, std::size_t size, std::int64_t offset, const std::string& path) {
  while (size > 0) {
    const ssize_t written = ::pwrite(fd, data, size, offset);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw system_error("entry " + quoted(path), errno);
    data += written;
    offset += written;
    size -= static_cast<std::size_t>(written);
  }
}

class LayerUnpack {
 public:
  LayerUnpack(ByteSource& source, UniqueFd root) : reader_(source), tree_(std::move(root)) {}

  std::uint64_t run() {
    while (archive_entry* entry = reader_.next()) unpack(entry);
    tree_.finish();
    return bytes_;
  }

 private:
  void unpack(archive_entry* entry) {
    const std::string name = archive_entry_pathname(entry);
    const std::string path = layer_path(name, name);
    const std::string last = last_name(path);
    if (last == opaque_marker) return tree_.hide_below(parent_of(path));
    if (last.starts_with(aufs_prefix)) return; // aufs' own files, which mean nothing to overlayfs
    if (last.starts_with(whiteout_prefix)) return unpack_whiteout(path);
    if (path.empty() && archive_entry_filetype(entry) != AE_IFDIR) {
      throw Error(Code::invalid, "entry " + quoted(name) + " would replace the root of the layer");
    }
    if (const char* target = archive_entry_hardlink(entry)) return tree_.add_hardlink(path, layer_path(target, name));
    unpack_node(entry, path);
  }

  void unpack_whiteout(const std::string& path) {
    const std::string hidden = last_name(path).substr(whiteout_prefix.size());
    if (hidden.empty() || hidden == "." || hidden == "..")
      throw Error(Code::invalid, "entry " + quoted(path) + " is a whiteout of nothing");
    const std::string parent = parent_of(path);
    tree_.add_whiteout(parent.empty() ? hidden : parent + "/" + hidden);
  }

  void unpack_node(archive_entry* entry, const std::string& path) {
    const Attributes attributes = attributes_of(entry, path);
    switch (archive_entry_filetype(entry)) {
      case AE_IFDIR:
        return tree_.add_directory(path, attributes);
      case AE_IFREG:
        return tree_.add_file(path, attributes, [&](int fd) { write_content(entry, fd, path); });
      case AE_IFLNK:
        return unpack_symlink(entry, path, attributes);
      case AE_IFCHR:
      case AE_IFBLK:
        return tree_.add_special(path, attributes, archive_entry_rdev(entry));
      case AE_IFIFO:
        return tree_.add_special(path, attributes, 0);
      default:
        throw Error(Code::invalid, "entry " + quoted(path) + " is of a type that a layer cannot hold");
    }
  }

  void unpack_symlink(archive_entry* entry, const std::string& path, const Attributes& attributes) {
    const char* target = archive_entry_symlink(entry);
    if (!target || !*target) throw Error(Code::invalid, "entry " + quoted(path) + " is a symbolic link to nothing");
    tree_.add_symlink(path, attributes, target);
    bytes_ += std::string_view(target).size();
  }

  void write_content(archive_entry* entry, int fd, const std::string& path) {
    const void* data = nullptr;
    std::size_t size = 0;
    std::int64_t offset = 0, end = 0, on_its_way = 0;
    while (reader_.data(data, size, offset)) {
      write_all(fd, static_cast<const char*>(data), size, offset, path);
      end = offset + static_cast<std::int64_t>(size);
      if (end - on_its_way < flush_every) continue;
      // A commit waits for the disk: it works while the rest is read and hashed.
      (void)::sync_file_range(fd, on_its_way, end - on_its_way, SYNC_FILE_RANGE_WRITE);
      on_its_way = end;
    }
    const std::int64_t declared = archive_entry_size(entry);
    if (declared > end && ::ftruncate(fd, declared) != 0) { // a hole at the end
      const Code code = errno == EFBIG || errno == EINVAL ? Code::invalid : code_of(errno);
      throw Error(code,
                  "entry " + quoted(path) + " cannot be " + std::to_string(declared) + " bytes long: " + std::strerror(errno),
                  errno);
    }
    bytes_ += static_cast<std::uint64_t>(std::max(end, declared));
  }

  TarReader reader_;
  LayerTree tree_;
  std::uint64_t bytes_ = 0;
};

} // namespace

AppliedLayer OverlayDriver::apply(Call& call, const std::string& key, int in_fd) {
  active(key);
  ByteSource source(call, in_fd);
  AppliedLayer layer;
  layer.bytes = LayerUnpack(source, open_directory(layout_.fs(key))).run();
  layer.diff_id = source.drain();
  return layer;
}

} // namespace gantry::storage_overlay
