#pragma once

#include <condition_variable>
#include <mutex>
#include <string>

#include <gantry/sdk/fd.hpp>

#include "buildkit/post_build/post_jobs.hpp"
#include "buildkit/solve/build.hpp"

namespace gantry::buildkit {

/// Builds by POST /build?version=2: docker's CLI up to 20.10 with DOCKER_BUILDKIT=1. Each has a thread of its own. Thread-safe.
class PostBuilds {
 public:
  static constexpr std::size_t max = 64;

  PostBuilds(Daemon& daemon, Sessions& sessions, Builds& builds) : daemon_(daemon), sessions_(sessions), builds_(builds) {}
  ~PostBuilds();

  /// `query` is the request's; the answer goes to `connection`: a line with the status, then lines of JSON.
  void build(const std::string& query, UniqueFd connection);
  /// The context of a build that waits for it, as a tar.
  void upload(const std::string& id, UniqueFd connection) { (void)jobs_.upload(id, std::move(connection)); }
  void cancel(const std::string& id) { jobs_.cancel(id); }
  /// To be called now and then: forgets contexts that no build comes for.
  void sweep();
  bool any();

 private:
  void run(const std::string& query, int connection);

  Daemon& daemon_;
  Sessions& sessions_;
  Builds& builds_;
  PostJobs jobs_;
  std::mutex guard_;
  std::condition_variable changed_;
  std::size_t running_ = 0;
};

} // namespace gantry::buildkit
