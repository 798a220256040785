#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "base/error.hpp"
#include "base/log.hpp"
#include "containers/failpoints.hpp"
#include "containers/files_view.hpp"
#include "containers/volumes.hpp"
#include "files/copy_tree.hpp"
#include "files/open.hpp"

namespace gantry::containers {
namespace {

/// A volume that is to get the image's content, open.
struct Empty {
  const MountPoint* point;
  UniqueFd directory;
};

UniqueFd open_if_empty(Parts& parts, const MountPoint& point, const std::string& user) {
  // What a driver has to fetch from elsewhere is there only while it is mounted.
  Mount mount;
  try {
    mount = parts.volumes.mount(point.name, user);
  } catch (const Error& e) {
    throw e.context("error while mounting volume '" + point.source + "'");
  }
  if (mount.type != "bind") return UniqueFd();
  UniqueFd directory(::open(mount.source.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) throw os_error("open volume " + point.name, errno);
  if (!files::names_in(directory.get()).empty()) directory.reset();
  return directory;
}

/// Uses volumes for the time of the copy.
class Filling {
 public:
  Filling(Parts& parts, const Container& container) : parts_(parts), user_("fill-" + container.id) {
    for (const auto& point : container.mounts) {
      if (point.type != "volume" || !point.copy || !point.subpath.empty()) continue;
      names_.push_back(point.name);
      if (UniqueFd directory = open_if_empty(parts, point, user_)) empty.push_back({&point, std::move(directory)});
    }
  }
  ~Filling() {
    empty.clear();
    for (const auto& name : names_) {
      try {
        parts_.volumes.unmount(name, user_);
      } catch (const std::exception& e) {
        log::error("volume " + name + ": unmount after a copy: " + e.what());
      }
    }
  }
  Filling(const Filling&) = delete;
  Filling& operator=(const Filling&) = delete;

  std::vector<Empty> empty;

 private:
  Parts& parts_;
  std::string user_;
  std::vector<std::string> names_;
};

[[noreturn]] void refuse_file(const MountPoint& point) {
  if (point.anonymous) throw invalid("cannot mount volume over existing file, file exists " + point.destination);
  throw invalid("source " + point.destination + " is not directory");
}

void fill(Parts& parts, const Container& container, const Empty& empty, int root) {
  const MountPoint& point = *empty.point;
  const UniqueFd source = files::open_in_root(root, point.destination, O_RDONLY | O_NONBLOCK);
  if (!source && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)) return; // there is nothing to copy
  if (!source) throw os_error("open " + point.destination + " of the image", errno);
  struct stat info {};
  if (::fstat(source.get(), &info) != 0) throw os_error("look at " + point.destination + " of the image", errno);
  if (!S_ISDIR(info.st_mode)) refuse_file(point);
  parts.volumes.begin_fill(point.name, container.id);
  files::copy_tree(source.get(), empty.directory.get());
  failpoint("create.after_fill");
}

} // namespace

void fill_volumes(Parts& parts, const Container& container) {
  const auto is_volume = [](const MountPoint& point) { return point.type == "volume" && point.copy; };
  if (std::none_of(container.mounts.begin(), container.mounts.end(), is_volume)) return;
  const Filling filling(parts, container);
  if (filling.empty.empty()) return;
  with_files(parts, container, Show::image_only, [&](int root) {
    for (const auto& empty : filling.empty) fill(parts, container, empty, root);
  });
}

} // namespace gantry::containers
