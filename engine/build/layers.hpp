#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "build/copy/sources.hpp"
#include "build/state.hpp"
#include "images/content_store.hpp"
#include "images/image_store.hpp"

namespace gantry::build {

/// Copies what is in the directory `source` of a tree into another one, owners and all. not_found for the source.
void copy_directory(int root, const std::string& source, const std::string& to);

/// The layers that one build makes. All of them stay until it ends, whatever is pruned meanwhile.
class Layers {
 public:
  Layers(const state::Paths&, StorageDriver&, images::ImageStore&);

  /// Keeps the layers of an image or a cached step.
  void hold(const std::vector<std::string>& diff_ids);

  /// Turns what the active snapshot `key` has changed into a layer on top of `state`; the snapshot is gone then. Absent when
  /// nothing has changed. `without`: paths (absolute, sorted) that are left out of it.
  std::optional<NewLayer> take(const State& state, const std::string& key, const std::vector<std::string>& without = {});

  /// Takes the empty files and directories away that a start put into the snapshot `key` to mount something there (what every
  /// container has, and `targets`), and what that did to the directories they were in: they are no part of what a step made.
  /// Directories that are as they were, for `take` to leave out.
  std::vector<std::string> drop_mount_points(const State& state, const std::string& key, const std::vector<std::string>& targets);

  /// Shows the files of `state` (and of `source`, read-only, unless null) while `f` runs on a thread of its own; what f changes
  /// below `root` becomes a layer. `from` is -1 without a source.
  std::optional<NewLayer> change(const State& state, const State* source, const std::function<void(int root, int from)>& f);

  /// One layer on top of `base` instead of those that `state` has above it. Absent when there are none.
  std::optional<NewLayer> merge(const State& base, const State& state);

  /// Shows the files of a state, read-only.
  void look(const State& state, const std::function<void(int root)>& f);

  /// Files of a state, or what `source` is in them (links are followed as the image would), at a path that containers can bind
  /// from. What is written there goes with `held`. not_found for the source.
  struct ShownTree {
    std::string path;
    std::shared_ptr<void> held;
  };
  ShownTree show(const State& state, const std::string& source, bool writable);
  /// Copies what is in the directory `source` of a state into another one, owners and all.
  void copy_files(const State& state, const std::string& source, const std::string& to);
  /// A copy of a file or directory, in the build's own directory.
  std::string copy_of(int root, const Source& source);
  std::string copy_of(const State& state, const std::string& source);

  /// Nothing that is changed from here on is younger than this.
  void set_epoch(std::optional<std::int64_t> seconds) { epoch_ = seconds; }

  /// Directory of the build's own.
  images::Ingest& scratch() { return scratch_; }
  StorageDriver& storage() { return storage_; }

 private:
  std::string new_directory();
  /// Makes what has changed in a snapshot no younger than the epoch.
  void clamp_times(const std::string& key);

  const state::Paths& paths_;
  StorageDriver& storage_;
  images::ImageStore& store_;
  images::Ingest scratch_;
  std::vector<std::unique_ptr<images::ImageStore::Lease>> leases_;
  std::optional<std::int64_t> epoch_;
};

} // namespace gantry::build
