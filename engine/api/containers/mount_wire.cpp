#include "api/containers/mount_wire.hpp"

namespace gantry::api {

Json mount_points(const std::vector<gantry::containers::MountPoint>& mounts) {
  Json points = Json::array();
  for (const auto& mount : mounts) {
    Json point;
    point["Type"] = mount.type;
    if (!mount.name.empty()) point["Name"] = mount.name;
    point["Source"] = mount.source;
    point["Destination"] = mount.destination;
    if (!mount.driver.empty()) point["Driver"] = mount.driver;
    point["Mode"] = mount.mode;
    point["RW"] = mount.rw;
    point["Propagation"] = mount.propagation;
    points.push_back(std::move(point));
  }
  return points;
}

} // namespace gantry::api
