#pragma once

#include <memory>
#include <string>

#include <gantry/sdk/log.hpp>
#include <gantry/sdk/network.hpp>
#include <gantry/sdk/runtime.hpp>
#include <gantry/sdk/storage.hpp>
#include <gantry/sdk/volume.hpp>

#include "base/json.hpp"
#include "plugins/host_services.hpp"
#include "plugins/manifest.hpp"

namespace gantry::plugins {

/// A driver of a loaded plugin: exactly one of the pointers is set.
struct LoadedDriver {
  std::unique_ptr<RuntimeDriver> runtime;
  std::unique_ptr<StorageDriver> storage;
  std::unique_ptr<NetworkDriver> network;
  std::unique_ptr<VolumeDriver> volume;
  std::unique_ptr<LogDriver> log;
};

/// Everything from the manifest to a ready driver: `wanted` of the manifest. `name` is the library's file name without ".so" and
/// names it in the log. Throws one sentence: unavailable, invalid (the configuration), or what the driver's constructor threw.
LoadedDriver load_driver(const std::string& library, const std::string& name, const ManifestDriver& wanted,
                         const Manifest& manifest, const Json& config, HostPaths paths);

/// The manifest's drivers of that kind; unavailable when there is none.
std::vector<ManifestDriver> drivers_of(const Manifest& manifest, const std::string& kind);

} // namespace gantry::plugins
