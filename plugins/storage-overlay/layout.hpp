#pragma once

#include <string>

#include <gantry/sdk/storage.hpp>

// What lies on disk:
//
//   <state>/s/<id>/meta   symbolic link whose text is the snapshot's metadata
//   <state>/s/<id>/fs/    the layer's files; the upper directory of an active snapshot
//   <state>/s/<id>/work/  overlayfs' work directory, active snapshots only
//   <state>/l/<link>      short name of a committed snapshot's fs/, so that 128 layers make a short mount option
//   <state>/trash/<n>     what is being deleted
//
// Metadata is the text of a link because a link comes into being in one step and in one system call: there is no moment
// at which it is half written, even after a power cut without fsync, and prepare() lies on the path of container start.
namespace gantry::storage_overlay {

struct Snapshot {
  SnapshotKind kind = SnapshotKind::active;
  std::string parent; ///< empty: none
  std::string link;   ///< name below l/, committed snapshots only
};

class Layout {
 public:
  /// Makes the directories. failed_precondition with a sentence when the place cannot hold overlay layers.
  explicit Layout(std::string state_dir);

  const std::string& root() const { return root_; }
  std::string snapshots() const { return root_ + "/s"; }
  std::string links() const { return root_ + "/l"; }
  std::string trash() const { return root_ + "/trash"; }
  std::string snapshot(const std::string& id) const { return root_ + "/s/" + id; }
  std::string fs(const std::string& id) const { return snapshot(id) + "/fs"; }
  std::string work(const std::string& id) const { return snapshot(id) + "/work"; }
  std::string meta(const std::string& id) const { return snapshot(id) + "/meta"; }
  std::string link(const std::string& name) const { return root_ + "/l/" + name; }

 private:
  std::string root_;
};

/// invalid unless `id` is [a-zA-Z0-9][a-zA-Z0-9_.:-]{0,127}.
void check_id(const std::string& id);

/// Writes metadata for a snapshot that has none.
void write_meta(const Layout&, const std::string& directory, const std::string& id, const Snapshot&);
/// Replaces metadata in one step.
void replace_meta(const Layout&, const std::string& directory, const std::string& id, const Snapshot&);
/// False when there is none, or when it names another snapshot: the rest of a crash. failed_precondition when a newer
/// engine wrote it.
bool read_meta(const Layout&, const std::string& id, Snapshot&);

} // namespace gantry::storage_overlay
