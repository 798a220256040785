#pragma once

#include "api/server.hpp"
#include "build/build_service.hpp"
#include "buildkit/companion.hpp"
#include "config/current.hpp"
#include "containers/container_service.hpp"
#include "daemon/install_tree.hpp"
#include "daemon/io_threads.hpp"
#include "daemon/pid_file.hpp"
#include "daemon/sized_storage.hpp"
#include "events/bus.hpp"
#include "images/image_service.hpp"
#include "networks/network_service.hpp"
#include "plugins/registry.hpp"
#include "registry/registry_service.hpp"
#include "state/database.hpp"
#include "state/lock_file.hpp"
#include "state/paths.hpp"
#include "system/store_keeper.hpp"
#include "system/system_service.hpp"
#include "volumes/volume_service.hpp"

namespace gantry::daemon {

/// Every service of one daemon, each made of the ones above it. Destroyed from the bottom up, so nothing outlives what it uses.
struct Services {
  Services(config::Config, const InstallTree&);

  config::Current config;
  state::Paths paths;
  state::LockFile lock;
  PidFile pid_file;
  state::Database database;
  events::Bus events;
  plugins::Registry registry;
  IoThreads io;
  Pool pool;
  images::ImageService images;
  registry::RegistryService registries;
  networks::NetworkService networks;
  volumes::VolumeService volumes;
  SizedStorage container_storage;
  containers::ContainerService containers;
  build::BuildService builds;
  system::SystemService system;
  system::StoreKeeper store_keeper;
  api::Server server;
  buildkit::Companion buildkit; ///< a client of the server's
};

} // namespace gantry::daemon
