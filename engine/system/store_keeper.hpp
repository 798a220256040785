#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "build/build_service.hpp"
#include "config/current.hpp"
#include "events/bus.hpp"
#include "images/image_service.hpp"
#include "images/store_budget.hpp"

namespace gantry::system {

/// What one collection did, or would do.
struct Collection {
  config::KeepPolicy image_policy, build_policy;
  images::BudgetReport images;
  build::PruneReport cache;
};

/// Keeps images and build cache within the budgets of the configuration: once an hour, and soon after an image was pulled,
/// loaded, imported or tagged. The build cache comes first, since it keeps layers, too. Thread-safe.
class StoreKeeper {
 public:
  StoreKeeper(const config::Current&, images::ImageService&, build::BuildService&, events::Bus&);
  /// Waits for a collection that runs.
  ~StoreKeeper();
  StoreKeeper(const StoreKeeper&) = delete;
  StoreKeeper& operator=(const StoreKeeper&) = delete;

  /// Begins with the collections; before that only `collect` does anything.
  void start();
  /// Blocks; one at a time.
  Collection collect(bool dry_run);

 private:
  void run();
  void collect_quietly();

  const config::Current& config_;
  images::ImageService& images_;
  build::BuildService& builds_;
  events::Bus& bus_;
  std::mutex collecting_, guard_;
  std::condition_variable changed_;
  bool asked_ = false, ended_ = false;
  events::Bus::Subscription subscription_;
  std::thread thread_;
};

} // namespace gantry::system
