#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "build/state.hpp"
#include "images/content_store.hpp"
#include "images/image_store.hpp"

namespace gantry::build {

/// The layers that one build makes. All of them stay until it ends, whatever is pruned meanwhile.
class Layers {
 public:
  Layers(const state::Paths&, StorageDriver&, images::ImageStore&);

  /// Keeps the layers of an image or a cached step.
  void hold(const std::vector<std::string>& diff_ids);

  /// Turns what the active snapshot `key` has changed into a layer on top of `state`; the snapshot is gone then. Absent when
  /// nothing has changed.
  std::optional<NewLayer> take(const State& state, const std::string& key);

  /// Takes the empty files and directories away that a start put into the snapshot `key` to mount something there: they are no
  /// part of what a step made.
  void drop_mount_points(const std::string& key);

  /// Shows the files of `state` (and of `source`, read-only, unless null) while `f` runs on a thread of its own; what f changes
  /// below `root` becomes a layer. `from` is -1 without a source.
  std::optional<NewLayer> change(const State& state, const State* source, const std::function<void(int root, int from)>& f);

  /// Shows the files of a state, read-only.
  void look(const State& state, const std::function<void(int root)>& f);

  /// Directory of the build's own.
  images::Ingest& scratch() { return scratch_; }
  StorageDriver& storage() { return storage_; }

 private:
  std::string new_directory();

  StorageDriver& storage_;
  images::ImageStore& store_;
  images::Ingest scratch_;
  std::vector<std::unique_ptr<images::ImageStore::Lease>> leases_;
};

} // namespace gantry::build
