// What mounting something in a container leaves in its file system, and how it goes again.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <optional>
#include <ranges>
#include <set>

#include "build/layers.hpp"
#include "build/view.hpp"
#include "containers/own_files.hpp"
#include "containers/snapshot_view.hpp"
#include "files/open.hpp"
#include "images/uncancelled_call.hpp"

namespace gantry::build {
namespace {

using Paths = std::set<std::string>;
using Kinds = std::map<std::string, ChangeKind>;

std::vector<std::string> ancestors_of(const std::string& path) {
  std::vector<std::string> all;
  for (std::size_t slash = path.find('/', 1); slash != path.npos; slash = path.find('/', slash + 1))
    all.push_back(path.substr(0, slash));
  return all;
}

bool is(const Kinds& kinds, const std::string& path, ChangeKind kind) {
  const auto at = kinds.find(path);
  return at != kinds.end() && at->second == kind;
}

/// What a start has made: places for what every container has, and for `targets`.
Paths places_in(const std::vector<Change>& changes, const Kinds& kinds, const std::vector<std::string>& targets) {
  Paths all;
  const auto own = containers::own_paths(changes);
  all.insert(own.begin(), own.end());
  for (const auto& target : targets) {
    all.insert(target);
    for (auto& above : ancestors_of(target)) all.insert(std::move(above));
  }
  std::erase_if(all, [&](const std::string& path) { return !is(kinds, path, ChangeKind::added); });
  return all;
}

bool stat_inside(int root, const std::string& path, struct stat& info) {
  const std::string above = files::parent_of(path);
  const UniqueFd parent = files::open_in_root(root, above.empty() ? "/" : above, O_RDONLY | O_DIRECTORY);
  return parent && files::stat_child(parent.get(), files::last_name(path), info);
}

/// Only what is empty goes: the step may have put something there. False when it stays.
bool drop(int root, const std::string& path) {
  const std::string above = files::parent_of(path), name = files::last_name(path);
  const UniqueFd parent = files::open_in_root(root, above.empty() ? "/" : above, O_RDONLY | O_DIRECTORY);
  struct stat info {};
  if (!parent || !files::stat_child(parent.get(), name, info)) return true;
  if (S_ISDIR(info.st_mode)) return ::unlinkat(parent.get(), name.c_str(), AT_REMOVEDIR) == 0;
  return S_ISREG(info.st_mode) && info.st_size == 0 && ::unlinkat(parent.get(), name.c_str(), 0) == 0;
}

/// Gives a directory the times of the image's again. False when something else differs, too.
bool restore(int root, int before, const std::string& path) {
  struct stat now {
  }, old{};
  if (!stat_inside(root, path, now) || !stat_inside(before, path, old)) return false;
  if (now.st_mode != old.st_mode || now.st_uid != old.st_uid || now.st_gid != old.st_gid) return false;
  const UniqueFd directory = files::open_in_root(root, path, O_RDONLY | O_DIRECTORY);
  const timespec times[] = {old.st_mtim, old.st_mtim};
  return directory && ::futimens(directory.get(), times) == 0;
}

} // namespace

std::vector<std::string> Layers::drop_mount_points(const State& state, const std::string& key,
                                                   const std::vector<std::string>& targets) {
  images::UncancelledCall call;
  const auto changes = storage_.changes(call, key);
  Kinds kinds;
  for (const auto& change : changes) kinds[change.path] = change.kind;
  const Paths places = places_in(changes, kinds, targets);
  if (places.empty()) return {};
  Paths touched; // by making and dropping them
  for (const auto& path : places)
    for (const auto& above : ancestors_of(path))
      if (is(kinds, above, ChangeKind::modified)) touched.insert(above);

  const std::string place = new_directory();
  std::vector<containers::SnapshotPlace> shown = {{key, place}};
  std::optional<View> before;
  if (!touched.empty()) shown.push_back({before.emplace(storage_, state.top_layer()).key(), new_directory()});
  Paths as_before;
  containers::with_snapshots(storage_, shown, [&] {
    const UniqueFd root = open_root(place);
    // What is inside comes before what it is in.
    for (const std::string& path : std::ranges::reverse_view(places))
      if (drop(root.get(), path)) as_before.insert(path);
    if (!before) return;
    const UniqueFd old = open_root(shown.back().directory);
    for (const std::string& path : std::ranges::reverse_view(touched)) {
      const auto below = [&](const Change& change) { return change.path.starts_with(path + "/"); };
      const bool only_places = std::all_of(changes.begin(), changes.end(), [&](const Change& change) {
        return !below(change) || as_before.contains(change.path);
      });
      if (only_places && restore(root.get(), old.get(), path)) as_before.insert(path);
    }
  });
  std::vector<std::string> left_out;
  std::set_intersection(as_before.begin(), as_before.end(), touched.begin(), touched.end(), std::back_inserter(left_out));
  return left_out;
}

} // namespace gantry::build
