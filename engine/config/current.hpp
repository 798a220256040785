#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "config/config.hpp"

namespace gantry::config {

/// The configuration in force; SIGHUP replaces it. Thread-safe.
class Current {
 public:
  explicit Current(Config config) : config_(std::make_shared<const Config>(std::move(config))) {}
  std::shared_ptr<const Config> get() const {
    std::lock_guard lock(guard_);
    return config_;
  }
  /// Takes over what may change while the daemon runs (log level, debug, labels, live-restore, shutdown timeout, registries,
  /// budgets); the rest stays as it was at start.
  void reload(const Config& fresh) {
    auto next = *get();
    next.log_level = fresh.log_level;
    next.debug = fresh.debug;
    next.labels = fresh.labels;
    next.live_restore = fresh.live_restore;
    next.shutdown_timeout_s = fresh.shutdown_timeout_s;
    next.registry_mirrors = fresh.registry_mirrors;
    next.insecure_registries = fresh.insecure_registries;
    next.registry_cert_dirs = fresh.registry_cert_dirs;
    next.max_concurrent_downloads = fresh.max_concurrent_downloads;
    next.max_concurrent_uploads = fresh.max_concurrent_uploads;
    next.max_download_attempts = fresh.max_download_attempts;
    next.image_gc = fresh.image_gc;
    next.build_gc = fresh.build_gc;
    std::lock_guard lock(guard_);
    config_ = std::make_shared<const Config>(std::move(next));
  }

 private:
  mutable std::mutex guard_;
  std::shared_ptr<const Config> config_;
};

} // namespace gantry::config
