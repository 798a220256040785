#include "containers/propagation.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <sstream>

#include "base/error.hpp"

namespace gantry::containers {
namespace {

/// A line of /proc/self/mountinfo, proc(5).
struct MountLine {
  std::string mount_point;
  bool shared = false, slave = false;
};

MountLine mount_of(const std::string& path) {
  struct statx info {};
  if (::statx(AT_FDCWD, path.c_str(), 0, STATX_MNT_ID, &info) != 0) throw os_error("stat " + path, errno);
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string text; std::getline(mounts, text);) {
    std::istringstream fields(text);
    std::uint64_t id = 0;
    std::string parent, device, root, options;
    MountLine line;
    fields >> id >> parent >> device >> root >> line.mount_point >> options;
    if (id != info.stx_mnt_id) continue;
    for (std::string tag; fields >> tag && tag != "-";) {
      line.shared = line.shared || tag.starts_with("shared:");
      line.slave = line.slave || tag.starts_with("master:");
    }
    return line;
  }
  throw internal("no mount of " + path + " in /proc/self/mountinfo");
}

} // namespace

void check_propagation(const std::vector<MountPoint>& points) {
  for (const auto& point : points) {
    const bool shared = point.propagation.ends_with("shared"), slave = point.propagation.ends_with("slave");
    if (point.type != "bind" || (!shared && !slave)) continue;
    const MountLine mount = mount_of(point.source);
    if (mount.shared || (slave && mount.slave)) continue;
    throw internal("path " + point.source + " is mounted on " + mount.mount_point + " but it is not a shared" +
                   (slave ? " or slave" : "") + " mount");
  }
}

} // namespace gantry::containers
