#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gantry/sdk/volume.hpp>

#include "events/bus.hpp"
#include "state/database.hpp"

namespace gantry::volumes {

using Pairs = std::map<std::string, std::string>;
using VolumeDrivers = std::map<std::string, VolumeDriver*>; ///< by name

inline constexpr const char* anonymous_label = "com.docker.volume.anonymous";

/// A volume at one moment; immutable, shared by readers.
struct Volume {
  std::string name, driver;
  std::string mountpoint; ///< host path; empty: it has none now
  std::int64_t created_ns = 0;
  Pairs options, labels, status;
  bool global = false;

  /// The engine chose its name: the label says so, as in Docker.
  bool anonymous() const;
};
using VolumePtr = std::shared_ptr<const Volume>;

struct CreateVolume {
  std::string name;   ///< empty: an anonymous one
  std::string driver; ///< empty: "local", or whatever an existing volume has
  Pairs options, labels;
  std::string user; ///< container that uses it from now on; empty: none
};

/// The volumes of one daemon: rows in state.db, data with the drivers. A *user* is a container that refers to a volume, whether
/// it runs or not; a volume with users is not removed.
/// Every method may block (SQLite, drivers), so coroutines call it through `on(pool, …)`; find, list and users read snapshots
/// and never wait for a driver. Thread-safe; operations on one volume are serialised, different volumes never wait for one
/// another. Errors carry Docker's texts.
class VolumeService {
 public:
  VolumeService(state::Database&, VolumeDrivers, events::Bus&);
  ~VolumeService();

  /// The existing one when there is one of that name. conflict when that has another driver; not_found for a driver that does
  /// not exist; invalid for names and options. A volume made for a user is not settled: see below.
  VolumePtr create(const CreateVolume&);
  VolumePtr find(const std::string& name) const;
  /// By name.
  std::vector<VolumePtr> list() const;
  std::vector<std::string> users(const std::string& name) const;
  std::vector<std::string> drivers() const;
  /// in_use while it has users. `force`: a missing one is OK.
  void remove(const std::string& name, bool force);
  VolumeUsage usage(const std::string& name);
  /// in_use while it has users; not_implemented when its driver cannot.
  VolumePtr rename(const std::string& name, const std::string& new_name);
  /// A volume that shares its blocks with `source` until one of them writes; of the same driver. not_implemented when that
  /// cannot.
  VolumePtr snapshot(const CreateVolume&, const std::string& source);

  /// Another user of an existing volume.
  void acquire(const std::string& name, const std::string& user);
  void release(const std::string& name, const std::string& user);
  /// The first content of an empty volume is about to be copied into it: until the user is settled it is the engine's own.
  void begin_fill(const std::string& name, const std::string& user);
  /// Everything that was made or filled for the user stays.
  void settle(const std::string& user);
  /// The user is not to be: what was made for it goes, what was filled for it is emptied again, unless others use it already.
  void abandon(const std::string& user) noexcept;

  /// Makes it usable and tells how; until unmount with the same user. Repeatable.
  Mount mount(const std::string& name, const std::string& user);
  void unmount(const std::string& name, const std::string& user);

  /// Once, before anything else. `users`: which volumes each container refers to; `live`: containers that run.
  void recover(const std::map<std::string, std::vector<std::string>>& users, const std::vector<std::string>& live);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

} // namespace gantry::volumes
