#include <algorithm>
#include <optional>
#include <set>

#include "base/error.hpp"
#include "base/log.hpp"
#include "volumes/driver_call.hpp"
#include "volumes/parts.hpp"

// What a daemon finds when it starts. A row without a driver's volume: its removal was finished but for the row, or its making
// never got that far. A driver's volume without a row: made by an earlier engine whose database is gone; it is taken over,
// for data is never thrown away on a guess.
namespace gantry::volumes {
namespace {

/// What a driver has, by name; absent when it does not answer.
using Found = std::optional<std::map<std::string, VolumeInfo>>;

Found ask(const std::string& name, VolumeDriver& driver) {
  try {
    DriverCall call(std::chrono::seconds(5));
    std::map<std::string, VolumeInfo> volumes;
    for (auto& info : driver.list(call)) volumes.emplace(info.name, std::move(info));
    return volumes;
  } catch (const Error& e) {
    log::warn("volume driver " + name + " does not tell its volumes: " + e.what());
    return std::nullopt;
  }
}

Volume adopted(const std::string& driver, const VolumeInfo& info) {
  Volume volume;
  volume.name = info.name;
  volume.driver = driver;
  volume.created_ns = info.created_ns;
  volume.options = pairs(info.options);
  volume.labels = pairs(info.labels);
  take_info(volume, info);
  return volume;
}

class Recovery {
 public:
  Recovery(Rows& rows, Catalog& catalog, const std::map<std::string, std::vector<std::string>>& users)
      : rows_(rows), catalog_(catalog) {
    for (const auto& [user, names] : users) {
      for (const auto& name : names) users_[name].push_back(user);
    }
  }

  void row(Row& row, VolumeDriver* driver, const Found& found) {
    known_.insert(row.volume.name);
    const bool known = found && found->count(row.volume.name) != 0;
    if (known) take_info(row.volume, found->at(row.volume.name));
    const bool used = users_.count(row.volume.name) != 0;
    if (!used && !row.made_for.empty()) return undo(row, driver);
    if (!used && found && !known) return rows_.erase(row.volume.name);
    if (!used && !row.filled_for.empty() && !row.volume.mountpoint.empty()) empty_directory(row.volume.mountpoint);
    if (used && found && !known && !row.made_for.empty()) make(row, *driver);
    if (!row.made_for.empty() || !row.filled_for.empty()) rows_.settle_volume(row.volume.name);
    add(row.volume);
  }

  void stranger(const std::string& driver, const VolumeInfo& info) {
    if (known_.count(info.name) != 0) return; // also one that has just been undone
    Row row;
    row.volume = adopted(driver, info);
    rows_.insert(row);
    add(row.volume);
    log::info("volume " + info.name + " of driver " + driver + " was not known and is taken over");
  }

 private:
  void undo(const Row& row, VolumeDriver* driver) {
    DriverCall call;
    if (driver != nullptr) driver->remove(call, row.volume.name, true);
    rows_.erase(row.volume.name);
  }

  void make(Row& row, VolumeDriver& driver) {
    DriverCall call;
    driver.create(call, {row.volume.name, settings(row.volume.options), settings(row.volume.labels)});
    if (const auto info = driver.get(call, row.volume.name)) take_info(row.volume, *info);
  }

  void add(const Volume& volume) {
    const ItemPtr item = catalog_.claim(volume.name);
    catalog_.publish(*item, std::make_shared<const Volume>(volume));
    const auto users = users_.find(volume.name);
    if (users == users_.end()) return;
    for (const auto& user : users->second) catalog_.add_user(*item, user);
  }

  Rows& rows_;
  Catalog& catalog_;
  std::set<std::string> known_;                           ///< names of all rows
  std::map<std::string, std::vector<std::string>> users_; ///< by volume
};

void reconcile(const std::string& name, VolumeDriver& driver, const std::vector<std::string>& live) {
  try {
    DriverCall call(std::chrono::seconds(5));
    driver.reconcile(call, live);
  } catch (const Error& e) {
    log::warn("volume driver " + name + ": mounts of containers that have ended: " + e.what());
  }
}

} // namespace

void VolumeService::recover(const std::map<std::string, std::vector<std::string>>& users, const std::vector<std::string>& live) {
  std::map<std::string, Found> found;
  for (const auto& [name, driver] : impl_->drivers) {
    reconcile(name, *driver, live);
    found[name] = ask(name, *driver);
  }
  // What Docker's plugins have beside the volumes that were made here is not ours to take over.
  Found foreign;
  if (impl_->bridge != nullptr) {
    reconcile(docker_bridge, *impl_->bridge, live);
    foreign = ask(docker_bridge, *impl_->bridge);
  }
  Recovery recovery(impl_->rows, impl_->catalog, users);
  for (Row& row : impl_->rows.load()) {
    const bool ours = impl_->drivers.contains(row.volume.driver);
    try {
      VolumeDriver* const driver = ours || impl_->bridge != nullptr ? &impl_->driver(row.volume.driver) : nullptr;
      recovery.row(row, driver, ours ? found.at(row.volume.driver) : foreign);
    } catch (const std::exception& e) {
      // One broken volume must not keep the others away.
      log::error("volume " + row.volume.name + ": recovery: " + e.what());
    }
  }
  for (const auto& [driver, volumes] : found) {
    if (!volumes) continue;
    for (const auto& [name, info] : *volumes) {
      try {
        recovery.stranger(driver, info);
      } catch (const std::exception& e) {
        log::error("volume " + name + ": take over: " + e.what());
      }
    }
  }
}

} // namespace gantry::volumes
