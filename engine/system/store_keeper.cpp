#include "system/store_keeper.hpp"

#include <set>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/time.hpp"

namespace gantry::system {
namespace {

using namespace std::chrono_literals;

constexpr auto every = 1h;
/// What comes in quick succession is looked at once.
constexpr auto settle = 500ms;
constexpr std::int64_t second_ns = 1'000'000'000;

bool brings_layers(const events::Event& event) {
  static const std::set<std::string> actions = {"pull", "load", "import", "tag"};
  return event.type == "image" && actions.contains(event.action);
}

} // namespace

StoreKeeper::StoreKeeper(const config::Current& config, images::ImageService& images, build::BuildService& builds,
                         events::Bus& bus)
    : config_(config), images_(images), builds_(builds), bus_(bus) {}

StoreKeeper::~StoreKeeper() {
  subscription_ = {};
  {
    std::lock_guard lock(guard_);
    ended_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void StoreKeeper::start() {
  thread_ = std::thread([this] { run(); });
  subscription_ = bus_.subscribe(0, [this](const events::EventPtr& event) {
    if (!brings_layers(*event)) return;
    std::lock_guard lock(guard_);
    asked_ = true;
    changed_.notify_all();
  });
}

void StoreKeeper::run() {
  std::unique_lock lock(guard_);
  while (!ended_) {
    changed_.wait_for(lock, every, [this] { return asked_ || ended_; });
    changed_.wait_for(lock, settle, [this] { return ended_; });
    if (ended_) return;
    asked_ = false;
    lock.unlock();
    collect_quietly();
    lock.lock();
  }
}

void StoreKeeper::collect_quietly() {
  try {
    const auto done = collect(false);
    if (!done.images.deleted.empty() || !done.cache.deleted.empty())
      log::info("disk budget: deleted " + std::to_string(done.images.deleted.size()) + " images (" +
                std::to_string(done.images.freed) + " bytes) and " + std::to_string(done.cache.deleted.size()) +
                " entries of the build cache (" + std::to_string(done.cache.reclaimed) + " bytes)");
  } catch (const std::exception& e) {
    log::warn("disk budget: " + std::string(e.what()));
  }
}

Collection StoreKeeper::collect(bool dry_run) {
  std::lock_guard lock(collecting_);
  const auto config = config_.get();
  Collection done{config->image_gc, config->build_gc, {}, {}};
  // First: what images no longer have is the build cache's alone.
  images::Budget budget;
  budget.keep_bytes = static_cast<std::uint64_t>(done.image_policy.keep_bytes);
  budget.used_after_ns = now_ns() - done.image_policy.keep_used_for_s * second_ns;
  done.images = images::keep_budget(images_, budget, dry_run);
  if (done.build_policy.keep_bytes > 0) {
    build::PruneRequest request;
    request.keep = static_cast<std::uint64_t>(done.build_policy.keep_bytes);
    request.unused_ns = done.build_policy.keep_used_for_s * second_ns;
    request.dry_run = dry_run;
    done.cache = builds_.prune(request);
  }
  return done;
}

} // namespace gantry::system
