#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "build/state.hpp"
#include "images/image_service.hpp"

namespace gantry::build {

/// Images that steps are taken over from (--cache-from), which are here. Filled before stages run, only read then.
class CacheImages {
 public:
  void add(const images::ImagePtr&);

  bool empty() const { return images_.empty(); }
  /// The config behind the step with that key, of an inline cache.
  std::optional<std::string> find(const std::string& key) const;
  /// The same of an image that began with the steps of `state` and went on with `created_by`. Only whole images say what the
  /// config was behind a step, so only the last step of one, or one that leaves the config alone, can be taken over.
  std::optional<std::string> find_next(const State& state, const std::string& created_by, images::ImageStore&) const;

 private:
  std::vector<images::ImagePtr> images_;
  std::map<std::string, std::string> steps_; ///< configs by key
};

} // namespace gantry::build
