#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace gantry::test {

/// One Dockerfile: a feature or a trap. It checks the files itself, with RUN.
struct BuildCase {
  std::string name;
  std::string dockerfile;
  std::map<std::string, std::string> files{};                ///< of the context; "NAME" → "-> TARGET" is a symbolic link
  std::string query{};                                       ///< "&target=a"
  std::string error{};                                       ///< what it fails with; empty: it succeeds
  std::vector<std::pair<std::string, std::string>> config{}; ///< JSON pointer into inspect's answer → JSON
};

const std::vector<BuildCase>& build_corpus();
std::vector<BuildCase> mount_corpus();
std::vector<BuildCase> option_corpus();

} // namespace gantry::test
