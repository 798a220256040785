#include <fcntl.h>

#include "directory.hpp"
#include "merged_directory.hpp"
#include "overlay_driver.hpp"
#include "system_error.hpp"
#include "tar_writer.hpp"

// The upper directory is the difference; overlayfs' marks become OCI's whiteout files.
namespace gantry::storage_overlay {
namespace {

void write_layer(TarWriter& tar, int dir, const std::string& prefix, int depth) {
  check_depth(depth);
  for (const auto& name : names_in(dir)) {
    struct stat info {};
    if (!stat_child(dir, name, info)) continue; // a running container removed it
    if (is_whiteout(info)) {
      tar.add_marker(prefix + ".wh." + name);
      continue;
    }
    tar.add(dir, name, info, prefix + name);
    if (!S_ISDIR(info.st_mode)) continue;
    const UniqueFd child = open_child(dir, name, O_RDONLY | O_DIRECTORY);
    if (!child) throw system_error("cannot open directory '" + prefix + name + "'", errno);
    if (is_opaque(child.get())) tar.add_marker(prefix + name + "/.wh..wh..opq");
    write_layer(tar, child.get(), prefix + name + "/", depth + 1);
  }
}

void write_tree(TarWriter& tar, const MergedDirectory& layers, const std::string& prefix, int depth) {
  check_depth(depth);
  for (const auto& entry : list_merged(layers)) {
    tar.add(layers[entry.layer].get(), entry.name, entry.info, prefix + entry.name);
    if (S_ISDIR(entry.info.st_mode)) {
      write_tree(tar, open_merged(layers, entry.name, entry.layer), prefix + entry.name + "/", depth + 1);
    }
  }
}

} // namespace

AppliedLayer OverlayDriver::diff(Call& call, const std::string& id, int out_fd) {
  const Snapshot snapshot = index_.get(id);
  ByteSink sink(call, out_fd);
  TarWriter tar(sink);
  if (snapshot.kind != SnapshotKind::view) write_layer(tar, open_directory(layout_.fs(id)).get(), "", 0);
  tar.finish();
  return {sink.finish(), tar.content_bytes()};
}

void OverlayDriver::export_tree(Call& call, const std::string& id, int out_fd) {
  const Snapshot snapshot = index_.get(id);
  MergedDirectory layers = open_lower(id);
  if (snapshot.kind != SnapshotKind::view) layers.insert(layers.begin(), open_directory(layout_.fs(id)));
  ByteSink sink(call, out_fd);
  TarWriter tar(sink);
  write_tree(tar, layers, "", 0);
  tar.finish();
}

} // namespace gantry::storage_overlay
