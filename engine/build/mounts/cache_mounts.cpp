#include "build/mounts/cache_mounts.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>

#include "base/error.hpp"
#include "base/failpoint.hpp"
#include "base/file.hpp"
#include "base/id.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "base/time.hpp"
#include "files/open.hpp"
#include "files/remove_tree.hpp"
#include "images/digest.hpp"

namespace gantry::build {
namespace {

namespace fs = std::filesystem;

constexpr int private_max = 1000;
constexpr int walk_depth_max = 1000;

std::string key_of(const std::string& name, int number) {
  return images::digest_hex(images::sha256_of(name + '\0' + std::to_string(number)));
}

/// Bytes of the files below a directory that programs of a step may be changing right now.
std::uint64_t bytes_in(int directory, int depth) {
  std::uint64_t bytes = 0;
  if (directory < 0 || depth > walk_depth_max) return 0;
  for (const auto& name : files::names_in(directory)) {
    struct stat info {};
    if (!files::stat_child(directory, name, info)) continue;
    if (S_ISDIR(info.st_mode)) {
      bytes += bytes_in(files::open_child(directory, name, O_RDONLY | O_DIRECTORY).get(), depth + 1);
    } else if (S_ISREG(info.st_mode)) {
      bytes += static_cast<std::uint64_t>(info.st_size);
    }
  }
  return bytes;
}

void remove_all(const std::string& path) noexcept {
  try {
    files::remove_tree(path);
  } catch (const std::exception& e) {
    log::warn("cache mount: " + std::string(e.what()));
  }
}

} // namespace

CacheMounts::CacheMounts(std::string root) : root_(std::move(root)) {
  make_directories(root_, 0700);
  for (const auto& item : fs::directory_iterator(root_)) {
    const std::string name = item.path().filename();
    if (name.starts_with('.')) { // half made or half removed
      remove_all(item.path());
      continue;
    }
    try {
      load(name);
    } catch (const std::exception& e) {
      log::warn("cache mount " + name + " cannot be read and is removed: " + e.what());
      remove_all(item.path());
    }
  }
}

void CacheMounts::load(const std::string& key) {
  const Json record = Json::parse(read_file(root_ + "/" + key + "/record.json"));
  Mount mount;
  mount.description = record.at("Description").get<std::string>();
  mount.created_ns = record.at("CreatedNs").get<std::int64_t>();
  mount.used_ns = record.at("UsedNs").get<std::int64_t>();
  mount.usage_count = record.at("UsageCount").get<std::int64_t>();
  mounts_[key] = mount;
}

void CacheMounts::write_record(const std::string& key, const Mount& mount) const {
  const Json record = {{"Description", mount.description},
                       {"CreatedNs", mount.created_ns},
                       {"UsedNs", mount.used_ns},
                       {"UsageCount", mount.usage_count}};
  write_file_atomic(root_ + "/" + key + "/record.json", record.dump(-1, ' ', false, Json::error_handler_t::replace), 0600);
}

bool CacheMounts::may_use(const std::string& key, bool alone) const {
  if (being_made_.contains(key)) return false;
  const auto at = mounts_.find(key);
  return at == mounts_.end() || (alone ? at->second.users == 0 : !at->second.alone);
}

std::unique_ptr<CacheMounts::Use> CacheMounts::use(const Wanted& wanted, registry::Cancel& cancel) {
  const bool alone = wanted.sharing != "shared";
  int number = 0;
  std::unique_lock lock(guard_);
  while (!may_use(key_of(wanted.name, number), alone)) {
    if (wanted.sharing == "private") {
      if (++number > private_max) throw Error(Code::resource_exhausted, "too many private copies of one cache mount are in use");
      continue;
    }
    cancel.check();
    released_.wait_for(lock, std::chrono::milliseconds(100));
  }
  const std::string key = key_of(wanted.name, number);
  if (!mounts_.contains(key)) {
    // Without the lock: to fill it may take long. Whoever wants the same one waits.
    being_made_.insert(key);
    lock.unlock();
    std::optional<Mount> made;
    std::exception_ptr failure;
    try {
      made = make(key, wanted);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    being_made_.erase(key);
    released_.notify_all();
    if (failure) std::rethrow_exception(failure);
    mounts_[key] = *made;
  }
  Mount& mount = mounts_[key];
  mount.used_ns = now_ns();
  ++mount.usage_count;
  write_record(key, mount);
  ++mount.users;
  mount.alone = alone;
  return std::make_unique<Use>(*this, key, alone);
}

CacheMounts::Mount CacheMounts::make(const std::string& key, const Wanted& wanted) const {
  const std::string place = ".new-" + random_id().substr(0, 16);
  const std::string data = root_ + "/" + place + "/data";
  try {
    make_directories(root_ + "/" + place, 0700);
    make_directories(data, 0755);
    set_owner(data, wanted.owner);
    if (wanted.fill) wanted.fill(data);
    Mount mount;
    mount.description = wanted.description;
    mount.created_ns = mount.used_ns = now_ns();
    write_record(place, mount);
    failpoint("build.before_cache_mount");
    fs::rename(root_ + "/" + place, root_ + "/" + key);
    return mount;
  } catch (...) {
    remove_all(root_ + "/" + place);
    throw;
  }
}

void CacheMounts::end(const std::string& key, bool alone) noexcept {
  const std::lock_guard lock(guard_);
  Mount& mount = mounts_[key];
  --mount.users;
  if (alone) mount.alone = false;
  mount.used_ns = now_ns();
  try {
    write_record(key, mount);
  } catch (const std::exception& e) {
    log::warn("cache mount " + key + ": " + e.what());
  }
  released_.notify_all();
}

std::vector<CacheEntry> CacheMounts::list() const {
  std::vector<CacheEntry> all;
  {
    const std::lock_guard lock(guard_);
    for (const auto& [key, mount] : mounts_) {
      CacheEntry entry;
      entry.key = key;
      entry.type = "exec.cachemount";
      entry.description = mount.description;
      entry.created_ns = mount.created_ns;
      entry.used_ns = mount.used_ns;
      entry.usage_count = mount.usage_count;
      entry.in_use = mount.users > 0;
      all.push_back(std::move(entry));
    }
  }
  for (auto& entry : all) {
    const UniqueFd data(::open((root_ + "/" + entry.key + "/data").c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    entry.size = bytes_in(data.get(), 0);
  }
  return all;
}

bool CacheMounts::remove(const std::string& key) {
  const std::string gone = root_ + "/.gone-" + random_id().substr(0, 16);
  {
    const std::lock_guard lock(guard_);
    const auto at = mounts_.find(key);
    if (at == mounts_.end() || at->second.users > 0) return false;
    fs::rename(root_ + "/" + key, gone);
    mounts_.erase(at);
  }
  failpoint("build.before_cache_mount_is_deleted");
  remove_all(gone);
  return true;
}

} // namespace gantry::build
