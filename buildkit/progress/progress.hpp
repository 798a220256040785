#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "control.pb.h"

namespace gantry::buildkit {

namespace wire = moby::buildkit::v1;

/// What is told of one build: written by the build, read by any number of those who ask for its status, each from the beginning.
/// Thread-safe.
class Progress {
 public:
  /// What is kept for readers; of more the oldest goes.
  static constexpr std::size_t max = 16 << 20;

  explicit Progress(std::string build) : build_(std::move(build)) {}

  /// Writers. `name` is what the client shows; the same `key` is the same vertex. The result is its digest.
  std::string announce(const std::string& key, const std::string& name);
  void start(const std::string& vertex);
  void finish(const std::string& vertex, const std::string& error = {}, bool cached = false);
  bool finished(const std::string& vertex);
  /// `id` is what is shown; `done`: it has come to its end.
  void status(const std::string& vertex, const std::string& id, std::int64_t current, std::int64_t total, bool done,
              const std::string& name = {});
  /// `stream`: 1 is what a step writes to its standard output, 2 to its standard error.
  void log(const std::string& vertex, const std::string& text, int stream);
  void warn(wire::VertexWarning warning);
  /// What has begun and not ended ends with `error`.
  void finish_all(const std::string& error);
  /// Nothing comes any more.
  void close();

  /// Readers: what comes after `at`, which is moved on; waits up to `patience`. `ended` is set when nothing comes any more.
  bool next(std::uint64_t& at, wire::StatusResponse& out, bool& ended, std::chrono::milliseconds patience);

 private:
  struct Vertex {
    std::string digest;
    wire::Vertex last;
    std::vector<std::pair<std::string, wire::VertexStatus>> statuses;
  };
  Vertex* find(const std::string& vertex);
  void push(wire::StatusResponse response);

  const std::string build_;
  std::mutex guard_;
  std::condition_variable changed_;
  std::deque<wire::StatusResponse> told_;
  std::deque<Vertex> vertexes_;
  std::uint64_t first_ = 0; ///< the number of told_.front()
  std::size_t size_ = 0;
  bool closed_ = false;
};

} // namespace gantry::buildkit
