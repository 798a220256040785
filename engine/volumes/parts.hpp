#pragma once

#include "events/bus.hpp"
#include "volumes/catalog.hpp"
#include "volumes/rows.hpp"
#include "volumes/volume_service.hpp"

namespace gantry::volumes {

/// What the verbs share.
struct VolumeService::Impl {
  Impl(state::Database& db, VolumeDrivers drivers_, events::Bus& bus_) : rows(db), drivers(std::move(drivers_)), bus(bus_) {}

  /// not_found with Docker's text.
  VolumeDriver& driver(const std::string& name) const;
  /// A ready volume with its `work` held; not_found "<verb> <name>: no such volume".
  struct Held {
    ItemPtr item;
    std::unique_lock<std::mutex> work;
    VolumePtr volume; ///< null: there is none
  };
  Held hold(const std::string& name);
  Held hold_existing(const std::string& verb, const std::string& name);
  void publish(const Volume& volume, const char* action);
  /// With its data and its row; `held` is empty afterwards.
  void destroy(Held& held);

  Rows rows;
  Catalog catalog;
  VolumeDrivers drivers;
  events::Bus& bus;
};

/// The rows of a driver's answer in a volume.
void take_info(Volume& volume, const VolumeInfo& info);
VolumeSettings settings(const Pairs& pairs);
Pairs pairs(const VolumeSettings& settings);
/// Deletes everything in a directory, not the directory.
void empty_directory(const std::string& path);

} // namespace gantry::volumes
