#include "snapshot_index.hpp"

#include <algorithm>

#include "directory.hpp"

namespace gantry::storage_overlay {
namespace {

Error no_snapshot(const std::string& id) { return {Code::not_found, "no such snapshot: " + id}; }

} // namespace

SnapshotIndex::SnapshotIndex(const Layout& layout) {
  for (const auto& id : names_in(layout.snapshots())) {
    Snapshot snapshot;
    if (read_meta(layout, id, snapshot)) snapshots_.emplace(id, snapshot);
  }
}

void SnapshotIndex::check_parent(const std::string& parent) const {
  if (parent.empty()) return;
  const auto found = snapshots_.find(parent);
  if (found == snapshots_.end()) throw Error(Code::not_found, "no such parent snapshot: " + parent);
  if (found->second.kind != SnapshotKind::committed) {
    throw Error(Code::failed_precondition, "snapshot '" + parent + "' cannot be a parent: it is not committed");
  }
}

void SnapshotIndex::insert(const std::string& id, const Snapshot& snapshot) {
  std::lock_guard lock(mutex_);
  check_parent(snapshot.parent);
  if (!snapshots_.emplace(id, snapshot).second) throw Error(Code::already_exists, "snapshot '" + id + "' exists already");
}

std::optional<Snapshot> SnapshotIndex::erase(const std::string& id) {
  std::lock_guard lock(mutex_);
  const auto found = snapshots_.find(id);
  if (found == snapshots_.end()) return std::nullopt;
  if (found->second.kind == SnapshotKind::committed) {
    const auto child =
        std::find_if(snapshots_.begin(), snapshots_.end(), [&](const auto& other) { return other.second.parent == id; });
    if (child != snapshots_.end()) {
      throw Error(Code::in_use, "snapshot '" + id + "' is in use: '" + child->first + "' is based on it");
    }
  }
  const Snapshot snapshot = found->second;
  snapshots_.erase(found);
  return snapshot;
}

void SnapshotIndex::replace(const std::string& from, const std::string& to, const Snapshot& snapshot) {
  std::lock_guard lock(mutex_);
  check_parent(snapshot.parent);
  snapshots_.erase(from);
  snapshots_[to] = snapshot;
}

std::optional<Snapshot> SnapshotIndex::find(const std::string& id) const {
  std::lock_guard lock(mutex_);
  const auto found = snapshots_.find(id);
  return found == snapshots_.end() ? std::nullopt : std::optional(found->second);
}

Snapshot SnapshotIndex::get(const std::string& id) const {
  if (auto snapshot = find(id)) return *snapshot;
  throw no_snapshot(id);
}

std::vector<SnapshotInfo> SnapshotIndex::list() const {
  std::lock_guard lock(mutex_);
  std::vector<SnapshotInfo> all;
  for (const auto& [id, snapshot] : snapshots_) all.push_back({id, snapshot.parent, snapshot.kind});
  return all;
}

std::vector<std::pair<std::string, Snapshot>> SnapshotIndex::ancestors(const std::string& id) const {
  std::lock_guard lock(mutex_);
  const auto self = snapshots_.find(id);
  if (self == snapshots_.end()) throw no_snapshot(id);
  std::vector<std::pair<std::string, Snapshot>> chain;
  for (std::string next = self->second.parent; !next.empty();) {
    const auto found = snapshots_.find(next);
    if (found == snapshots_.end() || chain.size() > snapshots_.size()) {
      throw Error(Code::data_loss, "snapshot '" + id + "' is damaged: its ancestor '" + next + "' is missing");
    }
    chain.emplace_back(*found);
    next = found->second.parent;
  }
  return chain;
}

} // namespace gantry::storage_overlay
