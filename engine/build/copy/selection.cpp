#include "build/copy/selection.hpp"

#include <fcntl.h>

#include "files/open.hpp"

namespace gantry::build {

bool Selection::takes(int directory, const std::string& name, const struct stat& info, const std::string& path) const {
  if (excluded_.empty() || !excluded_.ignores(path)) return true;
  if (!S_ISDIR(info.st_mode) || !excluded_.has_exceptions()) return false;
  const UniqueFd inside = files::open_child(directory, name, O_RDONLY | O_DIRECTORY);
  if (!inside) return false;
  const std::string prefix = path + "/";
  for (const auto& child : files::names_in(inside.get())) {
    struct stat found {};
    if (files::stat_child(inside.get(), child, found) && takes(inside.get(), child, found, prefix + child)) return true;
  }
  return false;
}

} // namespace gantry::build
