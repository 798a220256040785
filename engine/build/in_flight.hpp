#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>

#include "registry/cancel.hpp"

namespace gantry::build {

/// The steps and pulls that stages of one build are at: a stage that comes to the same waits and finds it done. Thread-safe.
class InFlight {
 public:
  explicit InFlight(registry::CancelPtr cancel) : cancel_(std::move(cancel)), woken_(*cancel_, [this] { wake(); }) {}

  /// The right to work on `key`, until it is destroyed. The constructor blocks while another has it; throws cancelled.
  class Claim {
   public:
    Claim(InFlight& all, std::string key);
    ~Claim();
    Claim(const Claim&) = delete;
    Claim& operator=(const Claim&) = delete;

   private:
    InFlight& all_;
    std::string key_;
  };

 private:
  void wake() {
    const std::lock_guard lock(guard_);
    changed_.notify_all();
  }

  registry::CancelPtr cancel_;
  std::mutex guard_;
  std::condition_variable changed_;
  std::set<std::string> keys_;
  registry::Cancel::Subscription woken_;
};

inline InFlight::Claim::Claim(InFlight& all, std::string key) : all_(all), key_(std::move(key)) {
  std::unique_lock lock(all_.guard_);
  while (!all_.keys_.insert(key_).second) {
    all_.cancel_->check();
    all_.changed_.wait(lock);
  }
}

inline InFlight::Claim::~Claim() {
  const std::lock_guard lock(all_.guard_);
  all_.keys_.erase(key_);
  all_.changed_.notify_all();
}

} // namespace gantry::build
