#include "fake_storage.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace gantry::test {
namespace fs = std::filesystem;

FakeStorage::FakeStorage(std::string directory) : directory_(std::move(directory)) { fs::create_directories(directory_); }

std::set<std::string> FakeStorage::active() const {
  std::set<std::string> keys;
  for (const auto& item : fs::directory_iterator(directory_)) {
    const std::string name = item.path().filename();
    if (name.starts_with("active-")) keys.insert(name.substr(7));
  }
  return keys;
}

std::vector<Mount> FakeStorage::prepare(Call&, const std::string& key, const std::string&, const SnapshotOptions&) {
  if (fs::exists(directory_ + "/active-" + key)) throw Error(Code::already_exists, "snapshot " + key + " exists");
  std::ofstream(directory_ + "/active-" + key);
  return {};
}

void FakeStorage::commit(Call&, const std::string& name, const std::string& key, const std::string&) {
  fs::rename(directory_ + "/active-" + key, directory_ + "/committed-" + name);
}

void FakeStorage::remove(Call&, const std::string& id) {
  if (std::exchange(fail_remove_, false)) throw Error(Code::internal, "device or resource busy");
  fs::remove(directory_ + "/active-" + id);
  fs::remove(directory_ + "/committed-" + id);
}

std::optional<SnapshotInfo> FakeStorage::stat(Call& call, const std::string& id) {
  for (const auto& snapshot : list(call)) {
    if (snapshot.id == id) return snapshot;
  }
  return std::nullopt;
}

std::vector<SnapshotInfo> FakeStorage::list(Call&) {
  std::vector<SnapshotInfo> all;
  for (const auto& item : fs::directory_iterator(directory_)) {
    const std::string name = item.path().filename();
    const bool active = name.starts_with("active-");
    all.push_back({name.substr(active ? 7 : 10), "", active ? SnapshotKind::active : SnapshotKind::committed});
  }
  return all;
}

void FakeStorage::reconcile(Call&, const std::vector<std::string>& live_keys) {
  const std::set<std::string> live(live_keys.begin(), live_keys.end());
  for (const auto& key : active()) {
    if (!live.contains(key)) fs::remove(directory_ + "/active-" + key);
  }
}

AppliedLayer FakeStorage::apply(Call&, const std::string&, int in_fd) {
  char buffer[4096];
  while (::read(in_fd, buffer, sizeof buffer) > 0) {
  }
  return {"sha256:" + std::string(64, 'a'), 0};
}

} // namespace gantry::test
