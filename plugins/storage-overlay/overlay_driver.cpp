#include "overlay_driver.hpp"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "directory.hpp"
#include "overlay_support.hpp"
#include "system_error.hpp"

namespace gantry::storage_overlay {
namespace {

std::string filesystem_name(const std::string& path) {
  struct statfs info {};
  if (::statfs(path.c_str(), &info) != 0) return "<unknown>";
  switch (static_cast<unsigned long>(info.f_type)) {
    case EXT4_SUPER_MAGIC:
      return "extfs";
    case XFS_SUPER_MAGIC:
      return "xfs";
    case BTRFS_SUPER_MAGIC:
      return "btrfs";
    case TMPFS_MAGIC:
      return "tmpfs";
    case F2FS_SUPER_MAGIC:
      return "f2fs";
    default:
      return "<unknown>";
  }
}

} // namespace

OverlayDriver::OverlayDriver(Host& host)
    : host_(host),
      layout_(host.state_dir()),
      trash_(layout_.trash(), [&host](const std::string& text) { host.log(LogLevel::warn, text); }),
      index_(layout_),
      mount_options_(overlay_mount_options()) {
  check_overlay_support();
}

std::vector<std::pair<std::string, std::string>> OverlayDriver::status() {
  return {{"Backing Filesystem", filesystem_name(layout_.root())},
          {"Supports d_type", "true"},
          {"Using metacopy", "false"},
          {"Native Overlay Diff", "true"},
          {"userxattr", "false"}};
}

Snapshot OverlayDriver::active(const std::string& key) const {
  Snapshot snapshot = index_.get(key);
  if (snapshot.kind != SnapshotKind::active) {
    throw Error(Code::failed_precondition, "snapshot '" + key + "' is read-only: it is not active");
  }
  return snapshot;
}

std::optional<SnapshotInfo> OverlayDriver::stat(Call&, const std::string& id) {
  const auto snapshot = index_.find(id);
  if (!snapshot) return std::nullopt;
  return SnapshotInfo{id, snapshot->parent, snapshot->kind};
}

std::vector<SnapshotInfo> OverlayDriver::list(Call&) { return index_.list(); }

std::vector<UniqueFd> OverlayDriver::open_lower(const std::string& id) const {
  std::vector<UniqueFd> layers;
  for (const auto& [ancestor, snapshot] : index_.ancestors(id)) layers.push_back(open_directory(layout_.fs(ancestor)));
  return layers;
}

} // namespace gantry::storage_overlay
