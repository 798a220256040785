#include "containers/volumes.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/log.hpp"
#include "containers/image_mounts.hpp"
#include "containers/mounts.hpp"
#include "containers/subpaths.hpp"

namespace gantry::containers {
namespace {

/// A later mount at the same place replaces an earlier one (which came from another container).
void place(std::vector<MountPoint>& points, MountPoint point) {
  const auto same = [&](const MountPoint& other) { return other.destination == point.destination; };
  const auto found = std::find_if(points.begin(), points.end(), same);
  if (found != points.end()) points.erase(found);
  points.push_back(std::move(point));
}

void take_volumes_from(Parts& parts, Container& container) {
  for (const auto& text : container.host_config.volumes_from) {
    const VolumesFrom from = parse_volumes_from(text);
    for (MountPoint point : parts.index.find(from.container)->snapshot()->mounts) {
      point.rw = point.rw && !from.read_only;
      point.mode.clear();
      point.copy = false;
      if (point.type == "volume") parts.volumes.acquire(point.name, container.id);
      place(container.mounts, std::move(point));
    }
  }
}

void take_requested(Parts& parts, Container& container) {
  for (auto& request : requested_mounts(container.host_config)) {
    if (request.point.type == "volume") {
      make_volume(parts, request, container.id);
      if (request.point.driver == "local" && request.point.mode.empty()) request.point.mode = "z";
    }
    // Later it is this image, whatever its name comes to mean.
    if (request.point.type == "image") request.point.source = parts.images.resolve(request.point.name)->id;
    place(container.mounts, std::move(request.point));
  }
}

/// VOLUME of the image, and -v with nothing but a path.
void take_anonymous(Parts& parts, Container& container) {
  for (const auto& path : container.config.volumes) {
    const std::string target = clean_path("/" + path);
    const auto there = [&](const MountPoint& point) { return point.destination == target; };
    if (std::any_of(container.mounts.begin(), container.mounts.end(), there)) continue;
    if (container.host_config.tmpfs.contains(target)) continue;
    if (target == "/") throw invalid("invalid volume specification: '" + path + "': destination can't be '/'");
    RequestedMount request;
    request.driver = container.host_config.volume_driver;
    request.point.type = "volume";
    request.point.destination = target;
    request.point.anonymous = request.point.copy = true;
    make_volume(parts, request, container.id);
    container.mounts.push_back(std::move(request.point));
  }
}

Mount mount_one(Parts& parts, const Container& container, const MountPoint& point, VolumeMounts& mounts) {
  Mount mount = parts.volumes.mount(point.name, container.id);
  if (point.subpath.empty()) return mount;
  if (mount.type != "bind")
    throw invalid("volume " + point.name + " is a " + mount.type + " that is mounted as a whole: it has no subpaths");
  Shown shown = show(parts.paths.subpath_mounts(), open_subpath(mount.source, point));
  mounts.held.push_back(std::move(shown.held));
  mount.source = shown.path;
  return mount;
}

void show_image(Parts& parts, const MountPoint& point, VolumeMounts& mounts) {
  try {
    Shown shown = show_tree(parts.paths.subpath_mounts(), image_tree(parts, point));
    mounts.held.push_back(std::move(shown.held));
    mounts.by_name[volume_key(point)] = {"bind", shown.path, "", {"rbind"}};
  } catch (const Error& e) {
    throw e.context("error while mounting image '" + point.name + "'");
  }
}

void publish(Parts& parts, const Container& container, const MountPoint& point, const char* action) {
  events::Event event{"volume", action, point.name, {{"driver", point.driver}, {"container", container.id}}, 0};
  if (std::string_view(action) == "mount") {
    event.attributes["destination"] = point.destination;
    event.attributes["read/write"] = point.rw ? "true" : "false";
    event.attributes["propagation"] = point.propagation;
  }
  parts.bus.publish(std::move(event));
}

} // namespace

void make_volume(Parts& parts, RequestedMount& request, const std::string& user) {
  MountPoint& point = request.point;
  const auto volume = parts.volumes.create({point.name, request.driver, request.options, request.labels, user});
  point.name = volume->name;
  point.driver = volume->driver;
  point.source = volume->mountpoint;
}

void choose_mounts(Parts& parts, Container& container) {
  take_volumes_from(parts, container);
  take_requested(parts, container);
  take_anonymous(parts, container);
}

VolumeMounts mount_volumes(Parts& parts, const Container& container) {
  VolumeMounts mounts;
  for (const auto& point : container.mounts) {
    if (point.type == "image") show_image(parts, point, mounts);
    if (point.type != "volume") continue;
    if (!mounts.by_name.contains(volume_key(point))) {
      try {
        mounts.by_name[volume_key(point)] = mount_one(parts, container, point, mounts);
      } catch (const Error& e) {
        throw e.context("error while mounting volume '" + point.source + "'");
      }
    }
    publish(parts, container, point, "mount");
  }
  return mounts;
}

void unmount_volumes(Parts& parts, const Container& container) noexcept {
  for (const auto& point : container.mounts) {
    if (point.type != "volume") continue;
    try {
      parts.volumes.unmount(point.name, container.id);
      publish(parts, container, point, "unmount");
    } catch (const std::exception& e) {
      log::error("container " + container.id + ": unmount volume " + point.name + ": " + e.what());
    }
  }
}

void release_volumes(Parts& parts, const Container& container) {
  for (const auto& point : container.mounts) {
    if (point.type == "volume") parts.volumes.release(point.name, container.id);
  }
  if (!container.removes_volumes) return;
  for (const auto& point : container.mounts) {
    if (point.type != "volume" || !point.anonymous) continue;
    try {
      parts.volumes.remove(point.name, true);
    } catch (const Error& e) {
      // Another container has it from this one: then it goes with that one.
      if (e.code() != Code::in_use) log::error("container " + container.id + ": remove its volume: " + e.what());
    }
  }
}

} // namespace gantry::containers
