#pragma once

#include <map>
#include <string>

#include "base/json.hpp"
#include "buildkit/progress/progress.hpp"

namespace gantry::buildkit {

/// Tells a build's progress out of the engine's messages (docs/build.md: `progress=steps`). For one thread.
class Steps {
 public:
  explicit Steps(Progress& progress) : progress_(progress) {}

  /// The engine calls a stage `told`, clients see it as `shown`; `counted`: FROM is one of its steps.
  void expect_stage(const std::string& told, const std::string& shown, bool counted);

  /// The engine tells of an instruction as `told`, clients see it as `shown`.
  void expect_text(const std::string& told, const std::string& shown) { texts_[told] = shown; }

  /// Vertex "[internal] load metadata for IMAGE": done at once when the image is here, else once the engine has it.
  void expect_image(const std::string& image, bool is_here);

  /// One message; those that are not of steps are passed over.
  void take(const Json& message);

  /// The engine's last word: what has failed ends with `error`, which loses what is not of that. The result is the digest of what
  /// has failed.
  std::string fail(std::string& error);
  /// The image, as it was expected, that could not be had.
  const std::string& failed_image() const { return failed_image_; }

 private:
  struct Step {
    std::string vertex, image;
    bool waits = false; ///< FROM: for the image, as far as is told
    bool pulled = false;
  };
  void begin(int id, const Json& message);
  void end(int id, const std::string& state);
  void log(const std::string& vertex, const std::string& text);
  void pull(Step& step, const Json& message);
  void image_is_here(Step& step);

  Progress& progress_;
  std::map<int, Step> steps_;
  std::map<std::string, std::string> images_;  ///< name -> vertex of its metadata
  std::map<std::string, std::string> written_; ///< its full name -> as it was expected
  struct Stage {
    std::string shown;
    bool counted = true;
  };
  std::map<std::string, Stage> stages_;
  std::map<std::string, std::string> texts_;
  std::string failed_, failed_image_;
};

} // namespace gantry::buildkit
