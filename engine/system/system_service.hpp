#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "config/current.hpp"
#include "containers/container_service.hpp"
#include "images/image_service.hpp"
#include "system/host_facts.hpp"

namespace gantry::system {

class StoreKeeper;

/// What the daemon knows of its drivers once they are loaded.
struct DriverFacts {
  std::string storage; ///< as /info's "Driver"
  std::vector<std::pair<std::string, std::string>> storage_status;
  std::vector<std::string> volumes, networks, logs; ///< names of the kinds' drivers
  std::string runtime = "gantry";
  std::string init_binary;
  std::vector<std::string> warnings; ///< of plugins that could not be loaded
};

/// How the API presents itself; the API layer owns these numbers.
struct ApiFacts {
  std::string engine_version; ///< Docker's version that we answer for
  std::string newest, oldest; ///< "1.51", "1.24"
};

/// What GET /info and GET /version tell, with every field up to the newest API version: the API drops what an older
/// version does not have. Host facts that cannot change are read once. Thread-safe; never blocks on a driver.
class SystemService {
 public:
  /// `id` names this daemon, the same after every start on its data root.
  SystemService(std::string id, const config::Current&, containers::ContainerService&, images::ImageService&, DriverFacts);

  Json info(const ApiFacts&) const;
  Json version(const ApiFacts&) const;
  /// Wired once the builds are there; null: there is no budget to keep.
  void set_store_keeper(StoreKeeper* keeper) { store_keeper_ = keeper; }
  StoreKeeper* store_keeper() const { return store_keeper_; }
  const std::string& id() const { return id_; }
  const std::string& host_name() const { return host_.name; }
  bool experimental() const { return config_.get()->experimental; }

 private:
  std::string id_;
  const config::Current& config_;
  containers::ContainerService& containers_;
  images::ImageService& images_;
  DriverFacts drivers_;
  HostFacts host_;
  StoreKeeper* store_keeper_ = nullptr;
};

} // namespace gantry::system
