#include "fake_storage.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "images/digest.hpp"

namespace gantry::test {

std::vector<Mount> FakeStorage::prepare(Call&, const std::string& key, const std::string& parent, const SnapshotOptions&) {
  std::lock_guard lock(guard_);
  if (!parent.empty() && !snapshots_.contains(parent)) throw Error(Code::not_found, "no snapshot " + parent);
  if (!snapshots_.emplace(key, SnapshotInfo{key, parent, SnapshotKind::active}).second)
    throw Error(Code::already_exists, "snapshot " + key + " exists");
  return {};
}

void FakeStorage::commit(Call&, const std::string& name, const std::string& key, const std::string& parent) {
  std::lock_guard lock(guard_);
  if (fail_commit_ && --fail_commit_ == 0) throw Error(Code::resource_exhausted, "no space left on device");
  if (!parent.empty() && !snapshots_.contains(parent)) throw Error(Code::not_found, "no snapshot " + parent);
  snapshots_.erase(key);
  bytes_[name] = std::exchange(bytes_[key], "");
  snapshots_[name] = {name, parent, SnapshotKind::committed};
}

void FakeStorage::remove(Call&, const std::string& id) {
  std::lock_guard lock(guard_);
  for (const auto& [name, snapshot] : snapshots_)
    if (snapshot.parent == id) throw Error(Code::in_use, id + " is the parent of " + name);
  snapshots_.erase(id);
}

std::optional<SnapshotInfo> FakeStorage::stat(Call&, const std::string& id) {
  std::lock_guard lock(guard_);
  auto at = snapshots_.find(id);
  return at == snapshots_.end() ? std::nullopt : std::optional(at->second);
}

std::vector<SnapshotInfo> FakeStorage::list(Call&) {
  std::lock_guard lock(guard_);
  std::vector<SnapshotInfo> all;
  for (const auto& [name, snapshot] : snapshots_) all.push_back(snapshot);
  return all;
}

AppliedLayer FakeStorage::apply(Call&, const std::string& key, int in_fd) {
  images::Sha256 hash;
  AppliedLayer layer;
  std::string bytes;
  char buffer[65536];
  for (ssize_t n; (n = ::read(in_fd, buffer, sizeof buffer)) > 0; layer.bytes += static_cast<std::uint64_t>(n)) {
    if (refuse_apply_) throw Error(Code::invalid, "entry \"../x\" leads out of the layer");
    hash.update({buffer, static_cast<std::size_t>(n)});
    bytes.append(buffer, static_cast<std::size_t>(n));
  }
  layer.diff_id = hash.digest();
  std::lock_guard lock(guard_);
  bytes_[key] = std::move(bytes);
  return layer;
}

AppliedLayer FakeStorage::diff(Call&, const std::string& id, int out_fd) {
  std::lock_guard lock(guard_);
  const std::string& bytes = bytes_[id];
  if (::write(out_fd, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
    throw Error(Code::internal, "write the difference", errno);
  return {};
}

void FakeStorage::damage(const std::string& id) {
  std::lock_guard lock(guard_);
  bytes_[id] += "x";
}

void FakeStorage::spoil(const std::string& id, std::size_t at) {
  std::lock_guard lock(guard_);
  bytes_[id].at(at) ^= 1;
}

void FakeStorage::replace(const std::string& id, std::string tar) {
  std::lock_guard lock(guard_);
  bytes_[id] = std::move(tar);
}

void FakeStorage::lose(const std::string& id) {
  std::lock_guard lock(guard_);
  snapshots_.erase(id);
  bytes_.erase(id);
}

std::set<std::string> FakeStorage::committed() {
  std::lock_guard lock(guard_);
  std::set<std::string> names;
  for (const auto& [name, snapshot] : snapshots_)
    if (snapshot.kind == SnapshotKind::committed) names.insert(name);
  return names;
}

std::size_t FakeStorage::active() {
  std::lock_guard lock(guard_);
  return static_cast<std::size_t>(std::count_if(snapshots_.begin(), snapshots_.end(),
                                                [](const auto& s) { return s.second.kind != SnapshotKind::committed; }));
}

} // namespace gantry::test
