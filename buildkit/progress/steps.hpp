#pragma once

#include <map>
#include <string>

#include "base/json.hpp"
#include "buildkit/progress/progress.hpp"

namespace gantry::buildkit {

/// Tells a build's progress out of the engine's messages (docs/build.md: `progress=steps`). For one thread.
class Steps {
 public:
  Steps(Progress& progress, std::string ref) : progress_(progress), ref_(std::move(ref)) {}

  /// Vertex "[internal] load metadata for IMAGE": done at once when the image is here, else once the engine has it.
  void expect_image(const std::string& image, bool is_here);

  /// One message; those that are not of steps are passed over.
  void take(const Json& message);

  /// The engine's last word: what has failed ends with `error` (its own words), everything else that runs as canceled. The result is
  /// the digest of what has failed.
  std::string fail(const std::string& error);

 private:
  struct Step {
    std::string vertex, image;
    bool waits = false; ///< FROM: for the image, as far as is told
    bool pulled = false;
  };
  void begin(int id, const Json& message);
  void end(int id, const std::string& state);
  void pull(Step& step, const Json& message);
  void image_is_here(Step& step);

  Progress& progress_;
  const std::string ref_;
  std::map<int, Step> steps_;
  std::map<std::string, std::string> images_; ///< name -> vertex of its metadata
  std::string failed_;
};

} // namespace gantry::buildkit
