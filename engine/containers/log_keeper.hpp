#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "base/async.hpp"
#include "containers/background.hpp"
#include "containers/log_delivery.hpp"
#include "containers/log_options.hpp"
#include "containers/log_watch.hpp"
#include "containers/model.hpp"
#include "state/paths.hpp"

namespace gantry::containers {

/// Looks after the logs of containers beside their shims: gzips rotated files and feeds log drivers of plugins. Everything it
/// does begins anew where it stopped after a restart of the daemon. Blocking work has threads of its own, so that a dead
/// target does not keep anything else waiting. Thread-safe.
class LogKeeper {
 public:
  LogKeeper(Background& background, const state::Paths& paths, LogDrivers drivers);

  const LogDrivers& drivers() const { return drivers_; }
  /// From now on, until finish(). Repeating it does nothing. Cheap for logs that need no care.
  void keep(const Container& container);
  /// Before the files of a container go: delivers what is left, for at most `limit`, and lets go of it. Blocks.
  void finish(const std::string& id, std::chrono::milliseconds limit);
  /// The daemon ends: no step that is under way waits for its target any longer.
  void stop();
  /// Absent when nothing is delivered for that container.
  std::optional<DeliveryState> delivery(const std::string& id) const;

 private:
  struct Job;
  using JobPtr = std::shared_ptr<Job>;
  JobPtr make_job(const Container& container);
  std::shared_ptr<LogTarget> target_of(const LogConfig& config);
  Task<void> watch();
  Task<void> run(JobPtr job);
  Task<bool> round(JobPtr job);

  Background& background_;
  const state::Paths& paths_;
  const LogDrivers drivers_;
  std::unique_ptr<Pool> pool_; ///< made with the first job
  LogWatch watch_;
  mutable std::mutex guard_;
  bool watching_ = false;
  std::map<std::string, JobPtr> jobs_;
  std::map<std::string, std::weak_ptr<LogTarget>> targets_; ///< by driver and options
};

} // namespace gantry::containers
