#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gantry::build {

/// Go's filepath.Match for one pattern with `**` for any number of directories, as .dockerignore has it.
bool path_match(std::string_view pattern, std::string_view path);

/// path.Match: `*` and `?` stop at '/'. invalid for a broken pattern.
bool glob_match(std::string_view pattern, std::string_view name);

/// What a .dockerignore leaves out. The last pattern that matches a path, or a directory above it, decides.
class IgnoreRules {
 public:
  IgnoreRules() = default;
  explicit IgnoreRules(std::string_view text);

  bool empty() const { return rules_.empty(); }
  bool ignores(const std::string& path) const;
  /// Whether something below an ignored directory may be wanted again.
  bool has_exceptions() const { return exceptions_; }

 private:
  struct Rule {
    std::string pattern;
    bool exception = false;
  };
  std::vector<Rule> rules_;
  bool exceptions_ = false;
};

} // namespace gantry::build
