#include "containers/files_view.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <thread>

#include "base/error.hpp"
#include "base/log.hpp"
#include "containers/driver_call.hpp"
#include "containers/image_mounts.hpp"
#include "containers/namespace_join.hpp"
#include "containers/snapshot_view.hpp"
#include "containers/subpaths.hpp"
#include "containers/volumes.hpp"
#include "files/open.hpp"

namespace gantry::containers {
namespace {

void enter_private_namespace() {
  if (::unshare(CLONE_FS | CLONE_NEWNS) != 0) throw os_error("make a mount namespace", errno);
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) throw os_error("make mounts private", errno);
}

void enter_namespace_of(int fd) {
  // setns(2): a thread that shares its root directory with others cannot enter a mount namespace.
  if (::unshare(CLONE_FS) != 0 || ::setns(fd, CLONE_NEWNS) != 0) throw os_error("enter the container's mount namespace", errno);
}

struct ClassicMount {
  unsigned long flags = 0;
  std::string data;
};

/// mount(2) takes one page of options. With many layers what their paths have in common is left to the working directory, which
/// is the thread's own.
void shorten(std::string& option) {
  constexpr std::string_view key = "lowerdir=";
  if (!option.starts_with(key)) return;
  std::string paths = option.substr(key.size());
  std::string common = paths.substr(0, paths.find(':'));
  for (std::size_t at = 0; at < paths.size();) {
    while (!common.empty() && paths.compare(at, common.size() + 1, common + "/") != 0) common = files::parent_of(common);
    at = std::min(paths.find(':', at), paths.size()) + 1;
  }
  if (common.empty() || ::chdir(common.c_str()) != 0) return;
  std::string relative;
  for (std::size_t at = 0; at < paths.size();) {
    const std::size_t end = std::min(paths.find(':', at), paths.size());
    relative += (relative.empty() ? "" : ":") + paths.substr(at + common.size() + 1, end - at - common.size() - 1);
    at = end + 1;
  }
  option = std::string(key) + relative;
}

ClassicMount classic(const std::vector<std::string>& options) {
  ClassicMount mount;
  for (std::string option : options) {
    shorten(option);
    if (option == "ro" || option == "rro") {
      mount.flags |= MS_RDONLY;
    } else if (option == "bind" || option == "rbind") {
      mount.flags |= MS_BIND | (option == "rbind" ? MS_REC : 0);
    } else if (option != "rw" && option != "rprivate" && option != "ridmap") {
      mount.data += (mount.data.empty() ? "" : ",") + option;
    }
  }
  return mount;
}

/// The mount is complete, read-only where it is to be, before it can be seen.
void attach_bind(const std::string& source, unsigned long flags, const std::string& target) {
  const unsigned recursive = (flags & MS_REC) != 0 ? AT_RECURSIVE : 0;
  const UniqueFd tree(::open_tree(AT_FDCWD, source.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | recursive));
  const UniqueFd place(::open(target.c_str(), O_PATH | O_CLOEXEC));
  if (!tree || !place) throw os_error("bind " + source, errno);
  mount_attr attributes{};
  attributes.attr_set = (flags & MS_RDONLY) != 0 ? MOUNT_ATTR_RDONLY : 0;
  if (attributes.attr_set != 0 && ::mount_setattr(tree.get(), "", AT_EMPTY_PATH, &attributes, sizeof attributes) != 0)
    throw os_error("make the mount of " + source + " read-only", errno);
  if (::move_mount(tree.get(), "", place.get(), "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) != 0)
    throw os_error("bind " + source, errno);
}

/// The place of a mount, made when it is missing, as a start would.
UniqueFd open_target(int root, const std::string& path, bool directory) {
  const int kind = O_PATH | (directory ? O_DIRECTORY : 0);
  UniqueFd fd = files::open_in_root(root, path, kind);
  if (fd || errno != ENOENT) return fd;
  const UniqueFd parent = files::parent_of(path).empty() ? files::open_in_root(root, "", O_RDONLY | O_DIRECTORY)
                                                         : open_target(root, files::parent_of(path), true);
  if (!parent) return fd;
  const std::string name = files::last_name(path);
  if (directory) {
    (void)::mkdirat(parent.get(), name.c_str(), 0755);
  } else {
    const UniqueFd made(::openat(parent.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  }
  return files::open_in_root(root, path, kind);
}

bool is_directory(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) != 0 || S_ISDIR(info.st_mode);
}

void mount_image(Parts& parts, int root, const MountPoint& point) {
  const UniqueFd tree = image_tree(parts, point);
  struct stat info {};
  if (::fstat(tree.get(), &info) != 0) throw os_error("look at image " + point.name, errno);
  const UniqueFd target = open_target(root, point.destination, S_ISDIR(info.st_mode));
  if (!target || ::move_mount(tree.get(), "", target.get(), "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) != 0)
    throw os_error("mount on " + point.destination, errno);
}

void mount_point(Parts& parts, int root, const MountPoint& point, const VolumeMounts& volumes) {
  if (point.type == "image") return mount_image(parts, root, point);
  if (point.type != "volume" && point.type != "bind") return; // a tmpfs is empty between two runs
  Mount mount{"bind", point.source, "", {point.recursive ? "rbind" : "bind"}};
  if (point.type == "volume") mount = volumes.by_name.at(point.name);
  if (mount.type == "bind" && ::access(mount.source.c_str(), F_OK) != 0) return;
  UniqueFd part;
  if (!point.subpath.empty()) {
    part = open_subpath(mount.source, point);
    mount.source = "/proc/thread-self/fd/" + std::to_string(part.get());
  }
  if (!point.rw) mount.options.emplace_back("ro");
  const UniqueFd target = open_target(root, point.destination, mount.type != "bind" || is_directory(mount.source));
  if (!target) throw os_error("mount on " + point.destination, errno);
  mount_on(mount, "/proc/thread-self/fd/" + std::to_string(target.get()));
}

/// Outer mounts first.
std::vector<MountPoint> by_depth(std::vector<MountPoint> points) {
  const auto depth = [](const MountPoint& p) { return std::count(p.destination.begin(), p.destination.end(), '/'); };
  std::stable_sort(points.begin(), points.end(), [&](const auto& a, const auto& b) { return depth(a) < depth(b); });
  return points;
}

/// Volumes that are needed for a moment: whoever mounts them says so, and nobody is told.
class BorrowedVolumes {
 public:
  BorrowedVolumes(Parts& parts, const Container& container) : parts_(parts), user_("files-" + container.id) {
    for (const auto& point : container.mounts) {
      if (point.type == "volume") mounts.by_name[point.name] = parts.volumes.mount(point.name, user_);
    }
  }
  ~BorrowedVolumes() {
    for (const auto& [name, mount] : mounts.by_name) {
      try {
        parts_.volumes.unmount(name, user_);
      } catch (const std::exception& e) {
        log::error("volume " + name + ": unmount after a copy: " + e.what());
      }
    }
  }
  BorrowedVolumes(const BorrowedVolumes&) = delete;
  BorrowedVolumes& operator=(const BorrowedVolumes&) = delete;

  VolumeMounts mounts;

 private:
  Parts& parts_;
  std::string user_;
};

UniqueFd mount_everything(Parts& parts, const Container& container, const VolumeMounts* volumes) {
  DriverCall call;
  const std::string place = parts.paths.container(container.id);
  enter_private_namespace();
  for (const Mount& mount : parts.drivers.storage.mounts(call, container.id)) mount_on(mount, place + mount.target);
  UniqueFd root(::open(place.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root) throw os_error("open the container's root directory", errno);
  if (volumes != nullptr) {
    for (const auto& point : by_depth(container.mounts)) mount_point(parts, root.get(), point, *volumes);
  }
  return root;
}

void run(const std::function<void()>& f) {
  std::exception_ptr failure;
  std::thread thread([&] {
    try {
      f();
    } catch (...) {
      failure = std::current_exception();
    }
  });
  thread.join();
  if (failure) std::rethrow_exception(failure);
}

} // namespace

void mount_on(const Mount& mount, const std::string& target) {
  const ClassicMount how = classic(mount.options);
  if (mount.type == "bind") return attach_bind(mount.source, how.flags, target);
  if (::mount(mount.source.c_str(), target.c_str(), mount.type.c_str(), how.flags, how.data.c_str()) != 0)
    throw os_error("mount " + mount.type + " " + mount.source, errno);
}

void in_private_namespace(const std::function<void()>& f) {
  run([&] {
    enter_private_namespace();
    f();
  });
}

void with_files(Parts& parts, const Container& container, Show show, const std::function<void(int root)>& f) {
  if (show == Show::everything && is_running(container.phase)) {
    const JoinedNamespace mounts = open_namespace(parts, container, "mnt");
    return run([&] {
      enter_namespace_of(mounts.fd->get());
      const UniqueFd root(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
      if (!root) throw os_error("open the container's root directory", errno);
      f(root.get());
    });
  }
  std::optional<BorrowedVolumes> volumes;
  if (show == Show::everything) volumes.emplace(parts, container);
  run([&] {
    const UniqueFd root = mount_everything(parts, container, volumes ? &volumes->mounts : nullptr);
    f(root.get());
  });
}

void with_snapshots(StorageDriver& storage, const std::vector<SnapshotPlace>& places, const std::function<void()>& f) {
  run([&] {
    DriverCall call;
    enter_private_namespace();
    for (const auto& [key, directory] : places)
      for (const Mount& mount : storage.mounts(call, key)) mount_on(mount, directory + mount.target);
    if (::chdir("/") != 0) throw os_error("change to /", errno);
    f();
  });
}

} // namespace gantry::containers
