#include "build/layers.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/failpoint.hpp"
#include "base/file.hpp"
#include "base/id.hpp"
#include "build/view.hpp"
#include "containers/own_files.hpp"
#include "containers/snapshot_view.hpp"
#include "files/open.hpp"
#include "images/digest.hpp"
#include "images/empty_tar.hpp"
#include "images/uncancelled_call.hpp"

namespace gantry::build {
Layers::Layers(const state::Paths& paths, StorageDriver& storage, images::ImageStore& store)
    : paths_(paths), storage_(storage), store_(store), scratch_(paths) {}

void Layers::hold(const std::vector<std::string>& diff_ids) {
  leases_.push_back(std::make_unique<images::ImageStore::Lease>(store_, images::chain_ids(diff_ids)));
}

std::optional<NewLayer> Layers::take(const State& state, const std::string& key, const std::vector<std::string>& without) {
  auto snapshot = std::make_unique<images::ActiveSnapshot>(storage_, key);
  images::UncancelledCall call;
  images::ReceivedFile file;
  file.path = scratch_.new_path();
  const UniqueFd out = open_file(file.path, O_RDWR | O_CREAT | O_EXCL, 0600);
  if (epoch_) clamp_times(key);
  const AppliedLayer made = containers::write_without(storage_, call, key, out.get(), without);
  if (images::is_empty_tar(out.get())) return {};
  struct stat info {};
  if (::fstat(out.get(), &info) != 0) throw os_error("look at the layer", errno);
  file.digest = made.diff_id;
  file.size = static_cast<std::uint64_t>(info.st_size);
  auto diff_ids = state.diff_ids;
  diff_ids.push_back(made.diff_id);
  hold(diff_ids);
  std::vector<images::UnpackedLayer> layers;
  layers.push_back(
      {{images::chain_ids(diff_ids).back(), state.top_layer(), made.diff_id, file}, std::move(snapshot), made.bytes});
  failpoint("build.before_layer");
  store_.publish(layers, {});
  failpoint("build.after_layer");
  return NewLayer{made.diff_id, made.bytes};
}

std::optional<NewLayer> Layers::change(const State& state, const State* source,
                                       const std::function<void(int root, int from)>& f) {
  const std::string key = "build-" + random_id().substr(0, 16);
  images::UncancelledCall call;
  storage_.prepare(call, key, state.top_layer(), {});
  try {
    std::vector<containers::SnapshotPlace> places = {{key, new_directory()}};
    std::optional<View> view;
    const std::string from = source != nullptr ? new_directory() : "";
    if (source != nullptr && !source->diff_ids.empty()) {
      view.emplace(storage_, source->top_layer());
      places.push_back({view->key(), from});
    }
    // The driver itself is only called outside: it compares mounts of its own namespace.
    containers::with_snapshots(storage_, places, [&] {
      const UniqueFd root = open_root(places.front().directory);
      const UniqueFd other = from.empty() ? UniqueFd() : open_root(from);
      f(root.get(), other.get());
    });
  } catch (...) {
    const images::ActiveSnapshot goes(storage_, key);
    throw;
  }
  return take(state, key);
}

void Layers::clamp_times(const std::string& key) {
  images::UncancelledCall call;
  const auto changes = storage_.changes(call, key);
  const std::string place = new_directory();
  containers::with_snapshots(storage_, {{key, place}}, [&] {
    const UniqueFd root = open_root(place);
    for (const auto& change : changes) {
      const std::string above = files::parent_of(change.path), name = files::last_name(change.path);
      const UniqueFd parent = files::open_in_root(root.get(), above.empty() ? "/" : above, O_RDONLY | O_DIRECTORY);
      struct stat info {};
      if (!parent || !files::stat_child(parent.get(), name, info) || info.st_mtim.tv_sec < *epoch_) continue;
      const timespec times[] = {{*epoch_, 0}, {*epoch_, 0}};
      if (::utimensat(parent.get(), name.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0)
        throw os_error("set the time of " + change.path, errno);
    }
  });
}

std::string Layers::new_directory() {
  std::string path = scratch_.new_path();
  make_directories(path, 0700);
  return path;
}

void Layers::look(const State& state, const std::function<void(int root)>& f) {
  const std::string place = new_directory();
  if (state.diff_ids.empty()) {
    const UniqueFd root = open_root(place);
    return f(root.get());
  }
  const View view(storage_, state.top_layer());
  containers::with_snapshots(storage_, {{view.key(), place}}, [&] {
    const UniqueFd root = open_root(place);
    f(root.get());
  });
}

} // namespace gantry::build
