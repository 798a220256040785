#include "dir_storage.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "copy_tree.hpp"

namespace fs = std::filesystem;
using gantry::Code;
using gantry::Error;
using gantry::SnapshotInfo;
using gantry::SnapshotKind;

namespace {

void check_id(const std::string& id) {
  static const char* const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  const bool ok = !id.empty() && id.size() <= 128 && std::string(letters).find(id[0]) != std::string::npos &&
                  id.find_first_not_of(std::string(letters) + "_.:-") == std::string::npos;
  if (!ok) throw Error(Code::invalid, "'" + id + "' is not a snapshot name: [a-zA-Z0-9][a-zA-Z0-9_.:-]*, at most 128 bytes");
}

void write_info(const std::string& directory, const SnapshotInfo& info) {
  std::ofstream file(directory + "/info.new");
  file << static_cast<int>(info.kind) << ' ' << info.parent << '\n';
  file.close();
  if (!file) throw Error(Code::internal, "cannot write " + directory + "/info.new");
  fs::rename(directory + "/info.new", directory + "/info");
}

} // namespace

DirStorage::DirStorage(gantry::Host& host, const std::string& config_json) : host_(host), root_(host.state_dir()) {
  // The engine has checked the configuration against plugin.json: "reflink" is one of three words.
  for (const char* word : {"always", "never"}) {
    if (config_json.find('"' + std::string(word) + '"') != std::string::npos) reflink_ = word;
  }
  fs::remove_all(root_ + "/new");
  fs::create_directories(root_ + "/new");
  fs::create_directories(root_ + "/snapshots");
  host_.log(gantry::LogLevel::debug, "snapshots are in " + root_);
}

std::optional<SnapshotInfo> DirStorage::find(const std::string& id) const {
  check_id(id);
  std::ifstream file(directory(id) + "/info");
  int kind = 0;
  SnapshotInfo info;
  if (!(file >> kind)) return std::nullopt;
  file >> info.parent;
  info.id = id;
  info.kind = static_cast<SnapshotKind>(kind);
  return info;
}

SnapshotInfo DirStorage::require(const std::string& id) const {
  auto info = find(id);
  if (!info) throw Error(Code::not_found, "no snapshot '" + id + "'");
  return *info;
}

void DirStorage::make(const SnapshotInfo& info) {
  if (find(info.id)) throw Error(Code::already_exists, "snapshot '" + info.id + "' exists");
  if (!info.parent.empty() && require(info.parent).kind != SnapshotKind::committed)
    throw Error(Code::failed_precondition, "snapshot '" + info.parent + "' is not committed, it cannot be a parent");
  const std::string fresh = root_ + "/new/" + info.id;
  fs::remove_all(fresh);
  fs::create_directories(fresh + "/tree");
  if (::chmod((fresh + "/tree").c_str(), 0755) != 0) throw Error(Code::internal, "cannot change the mode of " + fresh + "/tree");
  if (!info.parent.empty()) copy_tree(directory(info.parent) + "/tree", fresh + "/tree", reflink_);
  write_info(fresh, info);
  fs::rename(fresh, directory(info.id));
}

std::vector<gantry::Mount> DirStorage::mounts_of(const SnapshotInfo& info) const {
  const char* access = info.kind == SnapshotKind::active ? "rw" : "ro";
  return {{"bind", directory(info.id) + "/tree", "", {"rbind", access}}};
}

std::vector<gantry::Mount> DirStorage::prepare(gantry::Call&, const std::string& key, const std::string& parent,
                                               const gantry::SnapshotOptions& options) {
  if (options.quota_bytes != 0) throw Error(Code::not_implemented, "driver 'dir' has no quotas");
  const SnapshotInfo info{key, parent, SnapshotKind::active};
  make(info);
  return mounts_of(info);
}

std::vector<gantry::Mount> DirStorage::view(gantry::Call&, const std::string& key, const std::string& parent) {
  const SnapshotInfo info{key, parent, SnapshotKind::view};
  make(info);
  return mounts_of(info);
}

std::vector<gantry::Mount> DirStorage::mounts(gantry::Call&, const std::string& key) { return mounts_of(require(key)); }

void DirStorage::commit(gantry::Call& call, const std::string& name, const std::string& key, const std::string& parent) {
  if (const auto existing = find(name)) {
    if (existing->kind != SnapshotKind::committed || existing->parent != parent)
      throw Error(Code::already_exists, "snapshot '" + name + "' exists");
    return remove(call, key);
  }
  SnapshotInfo info = require(key);
  if (info.kind != SnapshotKind::active) throw Error(Code::failed_precondition, "snapshot '" + key + "' is not active");
  if (info.parent != parent)
    throw Error(Code::invalid,
                "snapshot '" + key + "' was prepared from '" + info.parent + "', it cannot be committed onto '" + parent + "'");
  info.kind = SnapshotKind::committed;
  write_info(directory(key), info);
  fs::rename(directory(key), directory(name));
}

void DirStorage::remove(gantry::Call& call, const std::string& id) {
  if (!find(id)) return;
  for (const auto& other : list(call)) {
    if (other.parent == id) throw Error(Code::in_use, "snapshot '" + id + "' is the parent of '" + other.id + "'");
  }
  const std::string trash = root_ + "/new/" + id;
  fs::remove_all(trash);
  fs::rename(directory(id), trash);
  fs::remove_all(trash);
}

std::optional<SnapshotInfo> DirStorage::stat(gantry::Call&, const std::string& id) { return find(id); }

std::vector<SnapshotInfo> DirStorage::list(gantry::Call&) {
  std::vector<SnapshotInfo> result;
  for (const auto& entry : fs::directory_iterator(root_ + "/snapshots")) {
    if (auto info = find(entry.path().filename().string())) result.push_back(*info);
  }
  return result;
}

gantry::DiskUsage DirStorage::usage(gantry::Call&, const std::string& id) {
  require(id);
  gantry::DiskUsage usage;
  for (const auto& entry : fs::recursive_directory_iterator(directory(id) + "/tree")) {
    ++usage.inodes;
    if (entry.is_regular_file() && !entry.is_symlink()) usage.bytes += entry.file_size();
  }
  return usage;
}

void DirStorage::reconcile(gantry::Call& call, const std::vector<std::string>& live_keys) {
  for (const auto& info : list(call)) {
    if (info.kind == SnapshotKind::committed) continue;
    if (std::find(live_keys.begin(), live_keys.end(), info.id) == live_keys.end()) remove(call, info.id);
  }
}
