#pragma once

#include <functional>
#include <memory>
#include <string>

#include <gantry/sdk/log.hpp>
#include <gantry/sdk/network.hpp>
#include <gantry/sdk/runtime.hpp>
#include <gantry/sdk/storage.hpp>
#include <gantry/sdk/volume.hpp>

namespace gantry::driver_test {

/// The plugin that the conformance suites are run on. Every case has a process, a mount and a network namespace of its own.
struct Subject {
  /// A new instance on the same state and run directories, as after a restart of the engine. The one before it is gone.
  std::function<std::shared_ptr<RuntimeDriver>()> runtime;
  std::function<std::shared_ptr<StorageDriver>()> storage;
  std::function<std::shared_ptr<NetworkDriver>()> network;
  Options network_options; ///< of every network that the suite makes
  std::function<std::shared_ptr<VolumeDriver>()> volume;
  std::function<std::shared_ptr<LogDriver>()> log;
  LogSettings log_options; ///< with which the log driver delivers to `log_target`
  std::string log_target;  ///< where the suite listens; empty: cases that need a target are skipped
  std::string scratch;     ///< empty directory of this case
};

/// Set before the tests run.
Subject& subject();

} // namespace gantry::driver_test
