#include "containers/image_mounts.hpp"

#include <fcntl.h>
#include <sys/mount.h>

#include <cerrno>

#include "base/error.hpp"
#include "base/file.hpp"
#include "containers/driver_call.hpp"
#include "containers/files_view.hpp"
#include "containers/subpaths.hpp"

namespace gantry::containers {
namespace {

/// In the namespace of the calling thread.
void mount_layers(Parts& parts, const images::Image& image, const std::string& place) {
  if (image.top_layer.empty()) {
    if (::mount("tmpfs", place.c_str(), "tmpfs", MS_RDONLY, nullptr) != 0) throw os_error("mount an empty image", errno);
    return;
  }
  DriverCall call;
  for (const Mount& mount : parts.drivers.storage.mounts(call, image.top_layer)) mount_on(mount, place + mount.target);
}

UniqueFd clone_read_only(int fd) {
  UniqueFd tree(::open_tree(fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE));
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY;
  if (!tree || ::mount_setattr(tree.get(), "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes) != 0)
    throw os_error("take the mount of an image", errno);
  return tree;
}

} // namespace

UniqueFd image_tree(Parts& parts, const MountPoint& point) {
  const images::ImagePtr image = parts.images.get(point.source);
  if (!image) throw not_found("No such image: " + point.name);
  const std::string place = parts.paths.image_mounts();
  make_directories(place, 0700);
  UniqueFd tree;
  in_private_namespace([&] {
    mount_layers(parts, *image, place);
    UniqueFd part;
    if (point.subpath.empty()) {
      part.reset(::open(place.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    } else {
      part = open_subpath(place, point);
    }
    if (!part) throw os_error("open image " + point.name, errno);
    tree = clone_read_only(part.get());
  });
  return tree;
}

} // namespace gantry::containers
