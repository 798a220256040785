#pragma once

#include <gantry/abi/v1/storage.h>
#include <gantry/sdk/detail/view.hpp>
#include <gantry/sdk/storage.hpp>

// The structs of gantry/abi/v1/storage.h as those of gantry/sdk/storage.hpp (`*_of`) and back (`to_*`).
namespace gantry::detail {

inline gantry_snapshot_info to_snapshot(const SnapshotInfo& info) {
  auto s = sized<gantry_snapshot_info>();
  s.kind = static_cast<std::int32_t>(info.kind);
  s.id = view(info.id);
  s.parent = view(info.parent);
  return s;
}

inline SnapshotInfo snapshot_of(const gantry_snapshot_info* theirs) {
  const gantry_snapshot_info s = read(theirs);
  if (s.kind < GANTRY_SNAPSHOT_ACTIVE || s.kind > GANTRY_SNAPSHOT_VIEW)
    throw malformed("a snapshot of kind " + std::to_string(s.kind));
  return {text(s.id), text(s.parent), static_cast<SnapshotKind>(s.kind)};
}

inline gantry_snapshot_options to_options(const SnapshotOptions& options) {
  auto o = sized<gantry_snapshot_options>();
  o.quota_bytes = options.quota_bytes;
  return o;
}

inline SnapshotOptions options_of(const gantry_snapshot_options* theirs) { return {read(theirs).quota_bytes}; }

inline gantry_disk_usage to_usage(const DiskUsage& usage) {
  auto u = sized<gantry_disk_usage>();
  u.bytes = usage.bytes;
  u.inodes = usage.inodes;
  return u;
}

inline DiskUsage usage_of(const gantry_disk_usage* theirs) {
  const gantry_disk_usage u = read(theirs);
  return {u.bytes, u.inodes};
}

inline gantry_applied_layer to_layer(const AppliedLayer& layer) {
  auto l = sized<gantry_applied_layer>();
  l.diff_id = view(layer.diff_id);
  l.bytes = layer.bytes;
  return l;
}

inline AppliedLayer layer_of(const gantry_applied_layer* theirs) {
  const gantry_applied_layer l = read(theirs);
  return {text(l.diff_id), l.bytes};
}

inline gantry_change to_change(const Change& change) {
  auto c = sized<gantry_change>();
  c.kind = static_cast<std::int32_t>(change.kind);
  c.path = view(change.path);
  return c;
}

inline Change change_of(const gantry_change* theirs) {
  const gantry_change c = read(theirs);
  if (c.kind < GANTRY_CHANGE_MODIFIED || c.kind > GANTRY_CHANGE_DELETED)
    throw malformed("a change of kind " + std::to_string(c.kind));
  return {text(c.path), static_cast<ChangeKind>(c.kind)};
}

} // namespace gantry::detail
