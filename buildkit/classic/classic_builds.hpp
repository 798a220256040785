#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include <gantry/sdk/fd.hpp>

#include "buildkit/solve/build.hpp"

namespace gantry::buildkit {

/// Builds by POST /build?version=2: docker's CLI up to 20.10 with DOCKER_BUILDKIT=1. Each has a thread of its own. Thread-safe.
class ClassicBuilds {
 public:
  static constexpr std::size_t max = 64;

  ClassicBuilds(Daemon& daemon, Sessions& sessions, Builds& builds) : daemon_(daemon), sessions_(sessions), builds_(builds) {}
  ~ClassicBuilds();

  /// `query` is the request's; the answer goes to `connection`: a line with the status, then lines of JSON.
  void build(const std::string& query, UniqueFd connection);
  /// The context of a build that waits for it, as a tar.
  void upload(const std::string& id, UniqueFd connection);
  void cancel(const std::string& id);
  bool any();

 private:
  struct Job {
    Cancellation cancellation;
    UniqueFd upload;
  };
  void run(const std::string& query, UniqueFd connection);
  std::shared_ptr<Job> job(const std::string& id);
  UniqueFd wait_for_upload(Job& job);

  Daemon& daemon_;
  Sessions& sessions_;
  Builds& builds_;
  std::mutex guard_;
  std::condition_variable changed_;
  std::map<std::string, std::shared_ptr<Job>> jobs_;
  std::size_t running_ = 0;
};

} // namespace gantry::buildkit
