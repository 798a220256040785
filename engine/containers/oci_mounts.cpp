#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.hpp"
#include "containers/volumes.hpp"

namespace gantry::containers {
namespace {

Json oci_mount(const std::string& type, const std::string& source, const std::string& target, const StringList& options) {
  return {{"destination", target}, {"type", type}, {"source", source}, {"options", options}};
}

/// A read-only mount is read-only all the way down, unless that was not wanted.
const char* access(const MountPoint& point) {
  if (point.rw) return "rw";
  return point.submounts == "writable" || !point.recursive ? "ro" : "rro";
}

Json bind(const MountPoint& point) {
  StringList options = {point.recursive ? "rbind" : "bind", point.propagation, access(point)};
  if (point.mapped) options.emplace_back("ridmap");
  return oci_mount("bind", point.source, point.destination, options);
}

Json tmpfs(const MountPoint& point) {
  StringList options = {"nosuid", "nodev", "noexec", point.rw ? "rw" : "ro"};
  if (point.tmpfs_size > 0) options.push_back("size=" + std::to_string(point.tmpfs_size));
  if (point.tmpfs_mode > 0) {
    char mode[24];
    std::snprintf(mode, sizeof mode, "mode=%llo", static_cast<unsigned long long>(point.tmpfs_mode));
    options.emplace_back(mode);
  }
  options.insert(options.end(), point.tmpfs_options.begin(), point.tmpfs_options.end());
  return oci_mount("tmpfs", "tmpfs", point.destination, options);
}

/// A path inside of a volume, which whoever writes to the volume may be changing right now: the kernel keeps it inside, and what
/// was found stays found.
std::shared_ptr<UniqueFd> open_below(const std::string& root, const MountPoint& point) {
  const UniqueFd directory(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory) throw os_error("open volume " + point.name, errno);
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  const long fd = ::syscall(SYS_openat2, directory.get(), point.subpath.c_str(), &how, sizeof how);
  if (fd >= 0) return std::make_shared<UniqueFd>(static_cast<int>(fd));
  const int error = errno;
  const std::string where = "cannot access path " + point.subpath + " of " + point.type + " " + point.name;
  if (error == ENOENT) throw not_found(where + ": no such file or directory");
  if (error == EXDEV || error == ELOOP) throw invalid(where + ": it leads out of the " + point.type);
  throw os_error(where, error);
}

Json volume(const MountPoint& point, VolumeMounts* volumes) {
  Mount mount{"bind", point.source, "", {"rbind"}};
  if (volumes != nullptr) mount = volumes->by_name.at(point.name);
  if (volumes != nullptr && !point.subpath.empty()) {
    if (mount.type != "bind")
      throw invalid("volume " + point.name + " is a " + mount.type + " that is mounted as a whole: it has no subpaths");
    volumes->held.push_back(open_below(mount.source, point));
    mount.source = "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(volumes->held.back()->get());
  }
  StringList options = mount.options;
  options.emplace_back("rprivate");
  options.emplace_back(access(point));
  // Files belong to the ids of the container, whatever those are on the host: volumes move between containers.
  options.emplace_back("ridmap");
  return oci_mount(mount.type, mount.source, point.destination, options);
}

} // namespace

std::vector<Json> oci_mounts(const std::vector<MountPoint>& points, VolumeMounts* volumes) {
  std::vector<Json> mounts;
  for (const auto& point : points) {
    if (point.type == "volume") {
      mounts.push_back(volume(point, volumes));
    } else if (point.type == "tmpfs") {
      mounts.push_back(tmpfs(point));
    } else if (point.type == "bind") {
      mounts.push_back(bind(point));
    }
  }
  return mounts;
}

} // namespace gantry::containers
