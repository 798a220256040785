#include "files/mirror.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/error.hpp"
#include "files/copy_tree.hpp"
#include "files/earlier_links.hpp"
#include "files/open.hpp"
#include "files/remove_tree.hpp"

namespace gantry::files {
namespace {

/// -1 when it is not there, or no directory.
UniqueFd open_plain_directory(int root, const std::string& path) {
  UniqueFd at = open_in_root(root, "/", O_RDONLY | O_DIRECTORY);
  for (std::size_t begin = 1; at && begin < path.size();) {
    const std::size_t end = std::min(path.size(), path.find('/', begin));
    at = open_child(at.get(), path.substr(begin, end - begin), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    begin = end + 1;
  }
  return at;
}

void remove_child(int directory, const std::string& name) {
  remove_tree("/proc/self/fd/" + std::to_string(directory) + "/" + name);
}

class Mirror {
 public:
  Mirror(int from, int to) : from_(from), to_(to), links_(to) {}

  void path(const std::string& path) {
    const std::string above = parent_of(path), name = last_name(path);
    directories_.insert(above);
    const UniqueFd there = open_plain_directory(from_, above), here = open_plain_directory(to_, above);
    if (!here) return; // what was in a directory that has gone
    struct stat wanted {
    }, old{};
    const bool exists = stat_child(here.get(), name, old);
    if (!there || !stat_child(there.get(), name, wanted)) {
      if (exists) remove_child(here.get(), name);
    } else if (S_ISDIR(wanted.st_mode)) {
      directory(there.get(), here.get(), name, exists && S_ISDIR(old.st_mode), exists);
      directories_.insert(path);
    } else {
      if (exists) remove_child(here.get(), name);
      copy_entry(there.get(), here.get(), name, path, links_);
    }
  }

  /// From the inside out: what is made in a directory changes its times.
  void finish() const {
    for (auto at = directories_.rbegin(); at != directories_.rend(); ++at) {
      const UniqueFd there = open_plain_directory(from_, *at), here = open_plain_directory(to_, *at);
      struct stat info {};
      if (there && here && ::fstat(there.get(), &info) == 0) copy_attributes(there.get(), info, here.get());
    }
  }

 private:
  /// One that was deleted and made again has nothing left of what it had.
  static void directory(int from, int to, const std::string& name, bool stays, bool exists) {
    if (exists && !stays) remove_child(to, name);
    if (!stays && ::mkdirat(to, name.c_str(), 0700) != 0) throw os_error("create " + name, errno);
    if (!stays) return;
    const UniqueFd there = open_child(from, name, O_RDONLY | O_DIRECTORY), here = open_child(to, name, O_RDONLY | O_DIRECTORY);
    if (!there || !here) throw os_error("open " + name, errno);
    const auto wanted = names_in(there.get());
    for (const auto& child : names_in(here.get()))
      if (!std::binary_search(wanted.begin(), wanted.end(), child)) remove_child(here.get(), child);
  }

  int from_, to_;
  EarlierLinks links_;
  std::set<std::string> directories_;
};

} // namespace

void mirror(int from, int to, const std::set<std::string>& paths) {
  Mirror mirror(from, to);
  for (const auto& path : paths) mirror.path(path);
  mirror.finish();
}

} // namespace gantry::files
