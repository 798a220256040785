#include "layout.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

#include "system_error.hpp"

namespace gantry::storage_overlay {
namespace {

constexpr const char* meta_version = "1";

void make_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) throw system_error("cannot create '" + path + "'", errno);
}

const char* kind_name(SnapshotKind kind) {
  switch (kind) {
    case SnapshotKind::active:
      return "active";
    case SnapshotKind::committed:
      return "committed";
    case SnapshotKind::view:
      return "view";
  }
  return "active";
}

std::string encode(const std::string& id, const Snapshot& snapshot) {
  const auto or_dash = [](const std::string& text) { return text.empty() ? std::string("-") : text; };
  return std::string(meta_version) + " " + kind_name(snapshot.kind) + " " + id + " " + or_dash(snapshot.parent) + " " +
         or_dash(snapshot.link);
}

void make_link(const std::string& text, const std::string& path) {
  if (::symlink(text.c_str(), path.c_str()) != 0) throw system_error("cannot write '" + path + "'", errno);
}

std::string read_link(const std::string& path) {
  std::array<char, 1024> text{};
  const ssize_t size = ::readlink(path.c_str(), text.data(), text.size());
  if (size < 0 && errno != ENOENT && errno != ENOTDIR && errno != EINVAL) throw system_error("cannot read '" + path + "'", errno);
  return size < 0 ? std::string() : std::string(text.data(), static_cast<std::size_t>(size));
}

} // namespace

Layout::Layout(std::string state_dir) : root_(std::move(state_dir)) {
  if (root_.find_first_of(":,\\") != std::string::npos) {
    throw Error(Code::failed_precondition,
                "the path '" + root_ + "' contains ':', ',' or '\\', which overlay mount options cannot hold");
  }
  struct statfs info {};
  if (::statfs(root_.c_str(), &info) != 0) throw system_error("cannot use '" + root_ + "'", errno);
  if (info.f_type == OVERLAYFS_SUPER_MAGIC) {
    throw Error(
        Code::failed_precondition,
        "'" + root_ +
            "' lies on an overlay filesystem, which cannot hold overlay layers; choose a data root on ext4, xfs, btrfs or tmpfs");
  }
  for (const auto& path : {snapshots(), links(), trash()}) make_directory(path);
}

void check_id(const std::string& id) {
  const auto alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  const auto allowed = [&](char c) { return alphanumeric(c) || c == '_' || c == '.' || c == ':' || c == '-'; };
  if (id.empty() || id.size() > 128 || !alphanumeric(id[0]) || !std::all_of(id.begin(), id.end(), allowed)) {
    throw Error(Code::invalid,
                "invalid snapshot name '" + id + "': allowed is [a-zA-Z0-9][a-zA-Z0-9_.:-], at most 128 characters");
  }
}

void write_meta(const Layout& layout, const std::string& directory, const std::string& id, const Snapshot& snapshot) {
  make_link(encode(id, snapshot), layout.meta(directory));
}

void replace_meta(const Layout& layout, const std::string& directory, const std::string& id, const Snapshot& snapshot) {
  const std::string path = layout.meta(directory);
  const std::string next = path + ".new";
  ::unlink(next.c_str());
  make_link(encode(id, snapshot), next);
  if (::rename(next.c_str(), path.c_str()) != 0) throw system_error("cannot replace '" + path + "'", errno);
}

bool read_meta(const Layout& layout, const std::string& id, Snapshot& snapshot) {
  const std::string text = read_link(layout.meta(id));
  if (text.empty()) return false;
  std::istringstream words(text);
  std::string version, kind, name, parent, link;
  words >> version >> kind >> name >> parent >> link;
  if (version != meta_version) {
    throw Error(Code::failed_precondition,
                "snapshot '" + id + "' has metadata of version " + version + "; this driver understands version " + meta_version);
  }
  if (name != id) return false;
  snapshot.kind = kind == "committed" ? SnapshotKind::committed : kind == "view" ? SnapshotKind::view : SnapshotKind::active;
  snapshot.parent = parent == "-" ? "" : parent;
  snapshot.link = link == "-" ? "" : link;
  return true;
}

} // namespace gantry::storage_overlay
