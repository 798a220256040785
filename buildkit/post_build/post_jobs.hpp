#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include <gantry/sdk/fd.hpp>

#include "buildkit/cancellation.hpp"

namespace gantry::buildkit {

/// What other requests bring to builds of POST /build: contexts and cancels, by the build's id. An upload may come before its
/// build; when none comes for it within `patience`, it is forgotten. Thread-safe.
class PostJobs {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds patience{5};
  /// Of uploads whose build has not come.
  static constexpr std::size_t early_max = 128;

  struct Job {
    Cancellation cancellation;
    UniqueFd upload;
    int builds = 0;
    Clock::time_point since = Clock::now();
  };

  /// A build's hold on what belongs to its id.
  class Hold {
   public:
    Hold(PostJobs& jobs, std::string id);
    ~Hold();
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    Job& job() const { return *job_; }

   private:
    PostJobs& jobs_;
    const std::string id_;
    std::shared_ptr<Job> job_;
  };

  /// False when too many wait; the connection is closed then.
  bool upload(const std::string& id, UniqueFd connection);
  /// Throws Cancelled, and std::runtime_error when none comes in time.
  UniqueFd wait_for_upload(Job& job);
  void cancel(const std::string& id);
  void cancel_all();
  /// For an id that no build will have. What a build holds stays.
  void forget(const std::string& id);
  /// Forgets what has waited for a build too long.
  void sweep(Clock::time_point now = Clock::now());
  std::size_t size();

 private:
  std::mutex guard_;
  std::condition_variable changed_;
  std::map<std::string, std::shared_ptr<Job>> jobs_;
};

} // namespace gantry::buildkit
