#pragma once

#include <memory>
#include <string>

#include <gantry/sdk/runtime.hpp>
#include <gantry/sdk/storage.hpp>

#include "base/json.hpp"
#include "plugins/host_services.hpp"
#include "plugins/manifest.hpp"

namespace gantry::plugins {

/// A driver of a loaded plugin: exactly one of the pointers is set.
struct LoadedDriver {
  std::unique_ptr<RuntimeDriver> runtime;
  std::unique_ptr<StorageDriver> storage;
};

/// Everything from the manifest to a ready driver of `kind`. `name` is the library's file name without ".so" and names it in
/// the log. Throws one sentence: unavailable, invalid (the configuration), or what the driver's constructor threw.
LoadedDriver load_driver(const std::string& library, const std::string& name, const std::string& kind, const Manifest& manifest,
                         const Json& config, HostPaths paths);

} // namespace gantry::plugins
