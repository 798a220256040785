#include "files/earlier_links.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "files/open.hpp"

namespace gantry::files {

bool EarlierLinks::link(const struct stat& info, int to, const std::string& name, const std::string& path) {
  if (S_ISDIR(info.st_mode) || info.st_nlink < 2) return false;
  const auto [first, fresh] = seen_.try_emplace({info.st_dev, info.st_ino}, First{path, info.st_nlink - 1});
  if (fresh) return false;
  const std::string& earlier = first->second.path;
  const UniqueFd directory = open_in_root(root_, parent_of(earlier), O_PATH | O_DIRECTORY);
  const bool linked = directory && ::linkat(directory.get(), last_name(earlier).c_str(), to, name.c_str(), 0) == 0;
  if (--first->second.left == 0) seen_.erase(first);
  return linked;
}

} // namespace gantry::files
