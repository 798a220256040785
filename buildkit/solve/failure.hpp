#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include <grpcpp/grpcpp.h>

namespace gantry::buildkit {

/// A place in a file that the client shows.
struct Place {
  std::string file, text; ///< `text`: all of the file
  int line = 0;
};

/// What a build ends with when it does not end well. `vertex`: the step's digest, "" for none.
struct Failure {
  std::string message;
  grpc::StatusCode code = grpc::StatusCode::UNKNOWN;
  Place place{};
  std::string vertex{};

  /// With the details that BuildKit's clients know: the place, the vertex.
  grpc::Status status() const;
};

/// A build has failed: what the client is told of it, as a call's status.
class BuildFailed : public std::runtime_error {
 public:
  explicit BuildFailed(Failure what) : std::runtime_error(what.message), failure(std::move(what)) {}
  Failure failure;
};

/// The engine's error text, taken apart: "NAME:LINE[:COLUMN]: message\n   2 | excerpt".
struct EngineError {
  std::string message;
  int line = 0, column = 0;
};
EngineError take_apart(const std::string& text, const std::string& name);

/// BuildKit's words for what the engine says of a step: of a command's exit code, of files that are not there.
/// `ref` stands for where the files were looked for.
std::string in_buildkits_words(const std::string& message, const std::string& ref);

} // namespace gantry::buildkit
