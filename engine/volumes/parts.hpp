#pragma once

#include "base/rollback.hpp"
#include "events/bus.hpp"
#include "volumes/catalog.hpp"
#include "volumes/docker_plugin.hpp"
#include "volumes/rows.hpp"
#include "volumes/volume_service.hpp"

namespace gantry::volumes {

/// What the verbs share.
struct VolumeService::Impl {
  Impl(state::Database& db, VolumeDrivers drivers_, events::Bus& bus_) : rows(db), drivers(std::move(drivers_)), bus(bus_) {
    const auto found = drivers.find(docker_bridge);
    if (found == drivers.end()) return;
    bridge = found->second;
    drivers.erase(found);
  }

  /// One of ours, or one of Docker's plugins; not_found with Docker's text when there is no bridge to those.
  VolumeDriver& driver(const std::string& name);
  /// A ready volume with its `work` held; not_found "<verb> <name>: no such volume".
  struct Held {
    ItemPtr item;
    std::unique_lock<std::timed_mutex> work;
    VolumePtr volume; ///< null: there is none
  };
  Held hold(const std::string& name);
  Held hold_existing(const std::string& verb, const std::string& name);
  void publish(const Volume& volume, const char* action);
  /// Makes the volume of `row` by `make`, row first; it has been `hold`-ed and is none yet. What `rollback` holds is undone with
  /// it.
  using Maker = std::function<void(VolumeDriver&, Call&, const VolumeCreate&)>;
  VolumePtr make(Held& held, Rollback& rollback, const Row& row, const Maker& make);
  /// With its data and its row; `held` is empty afterwards.
  void destroy(Held& held);

  Rows rows;
  Catalog catalog;
  VolumeDrivers drivers;          ///< ours
  VolumeDriver* bridge = nullptr; ///< to Docker's plugins; null: not loaded
  events::Bus& bus;

 private:
  std::mutex plugins_guard_;
  std::map<std::string, DockerPlugin> plugins_; ///< by name, made when first named
};

/// The row of a volume that is about to be made.
Row row_for(const CreateVolume& request, const std::string& name, const std::string& driver);
/// in_use "<verb>: volume is in use - [<users>]".
void refuse_users(const std::vector<std::string>& users, const std::string& verb);
/// The rows of a driver's answer in a volume.
void take_info(Volume& volume, const VolumeInfo& info);
VolumeSettings settings(const Pairs& pairs);
Pairs pairs(const VolumeSettings& settings);
/// Deletes everything in a directory, not the directory.
void empty_directory(const std::string& path);

} // namespace gantry::volumes
