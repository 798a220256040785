#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gantry::cli {

/// A build context as a tar, piece by piece: the files of a directory that its .dockerignore does not leave out, in the order of
/// their names, as nobody's in particular (owner 0). The pieces end with an empty one; Failure for what cannot be read.
class ContextTar {
 public:
  /// `extra`: files that are not in the directory, by name; they win over what is. `keep`: names that are sent in any case.
  ContextTar(std::string directory, const std::string& ignore, std::map<std::string, std::string> extra,
             std::vector<std::string> keep);
  ~ContextTar();
  ContextTar(const ContextTar&) = delete;
  ContextTar& operator=(const ContextTar&) = delete;

  std::string next();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A tar with these files only.
std::string tar_of(const std::map<std::string, std::string>& files);

} // namespace gantry::cli
