#include "containers/change_mounts.hpp"

#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "base/id.hpp"
#include "base/log.hpp"
#include "containers/driver_call.hpp"
#include "containers/failpoints.hpp"
#include "containers/json_reader.hpp"
#include "containers/mount_changes_json.hpp"
#include "containers/propagation.hpp"
#include "containers/selinux/relabel_files.hpp"
#include "containers/volumes.hpp"

namespace gantry::containers {
namespace {

bool is_mounted_at(const std::vector<MountPoint>& points, const std::string& target) {
  return std::any_of(points.begin(), points.end(), [&](const MountPoint& p) { return p.destination == target; });
}

bool uses(const std::vector<MountPoint>& points, const std::string& volume) {
  return std::any_of(points.begin(), points.end(), [&](const MountPoint& p) { return p.type == "volume" && p.name == volume; });
}

bool is_inside(const std::string& path, const std::string& directory) { return path.starts_with(directory + "/"); }

/// What every container has there is the engine's, and a mount on it would hide it from those who have opened nothing there yet.
bool is_engines(const std::string& target) {
  constexpr std::array<std::string_view, 5> places = {"/dev", "/dev/pts", "/dev/shm", "/dev/mqueue", "/dev/console"};
  constexpr std::array<std::string_view, 3> files = {"/etc/hosts", "/etc/hostname", "/etc/resolv.conf"};
  return target == "/proc" || is_inside(target, "/proc") || target == "/sys" || is_inside(target, "/sys") ||
         std::count(places.begin(), places.end(), target) != 0 || std::count(files.begin(), files.end(), target) != 0;
}

std::vector<RequestedMount> parse(const Json& mounts) {
  HostConfig config;
  config.mounts = mounts;
  auto requests = requested_mounts(config);
  const auto depth = [](const RequestedMount& r) {
    return std::count(r.point.destination.begin(), r.point.destination.end(), '/');
  };
  std::stable_sort(requests.begin(), requests.end(), [&](const auto& a, const auto& b) { return depth(a) < depth(b); });
  for (auto& request : requests) {
    MountPoint& point = request.point;
    if (point.type != "bind" && point.type != "volume")
      throw invalid("invalid mount config for type \"" + point.type + "\": only binds and volumes can be added by an update");
    check_mount_sources({point});
    point.live = true;
    point.copy = false; // its files are the volume's, whatever the image has there
    if (!point.anonymous) continue;
    // Named now, so that the mark can name it.
    point.name = random_id();
    request.labels.emplace(volumes::anonymous_label, "");
  }
  return requests;
}

std::vector<MountPoint> points_of(const std::vector<RequestedMount>& requests) {
  std::vector<MountPoint> points;
  for (const auto& request : requests) points.push_back(request.point);
  return points;
}

Mount driver_mount(const Json& oci) {
  return {oci.at("type").get<std::string>(), oci.at("source").get<std::string>(), oci.at("destination").get<std::string>(),
          oci.at("options").get<StringList>()};
}

void mount_now(Parts& parts, const std::string& id, const Json& oci) {
  DriverCall call;
  parts.drivers.runtime.mount(call, id, driver_mount(oci));
}

/// False: nothing is mounted there.
bool unmount(Parts& parts, const std::string& id, const std::string& target) {
  DriverCall call;
  try {
    parts.drivers.runtime.unmount(call, id, target);
    return true;
  } catch (const Error& e) {
    if (e.code() != Code::not_found) throw;
    return false;
  }
}

/// A container can move directories and links: what was lent to it must not stay with it unseen.
void unmount_now(Parts& parts, const std::string& id, const std::string& target) {
  if (unmount(parts, id, target)) return;
  throw conflict(
      "nothing is mounted at " + target +
      " any more: the container has unmounted it, or moved it elsewhere. It is gone for certain when the container has "
      "ended; then it can be removed");
}

/// What goes wrong with one target does not keep the others; it is told when all have been tried.
void unmount_all(Parts& parts, const std::string& id, const StringList& targets) {
  std::exception_ptr failure;
  for (const auto& target : targets) {
    try {
      (void)unmount(parts, id, target); // what the container has unmounted itself is fine
    } catch (...) {
      if (!failure) failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
}

StringList targets(const std::vector<MountPoint>& points) {
  StringList list;
  for (const auto& point : points) list.push_back(point.destination);
  return list;
}

StringList marked_strings(const Json& mark, const char* key) {
  const auto found = mark.find(key);
  return found == mark.end() ? StringList{} : found->get<StringList>();
}

/// Volumes that the container does not have (any more) are not mounted for it either.
void let_go(Parts& parts, const std::string& id, const std::vector<MountPoint>& present, const StringList& volumes) {
  for (const auto& volume : volumes) {
    if (uses(present, volume)) continue;
    parts.volumes.unmount(volume, id);
    parts.volumes.release(volume, id);
  }
}

} // namespace

MountChanges mount_changes_from_json(const Json& json) {
  MountChanges changes;
  const JsonReader reader(json, "Gantry");
  if (const Json* mounts = reader.find("Mount")) {
    if (!mounts->is_array()) JsonReader::refuse(reader.name("Mount"), "a list", *mounts);
    changes.add = *mounts;
  }
  reader.read("Unmount", changes.remove);
  return changes;
}

MountChange::MountChange(Parts& parts, const Container& before, const MountChanges& changes)
    : parts_(parts), before_(before), user_("update-" + before.id), kept_(before.mounts) {
  for (const auto& target : changes.remove) {
    const std::string path = clean_path(target);
    const auto found = std::find_if(kept_.begin(), kept_.end(), [&](const MountPoint& point) {
      return point.destination == path && (point.type == "bind" || point.type == "volume");
    });
    if (found == kept_.end()) throw invalid("the container has no bind or volume at " + target);
    removed_.push_back(*found);
    kept_.erase(found);
  }
  // The inner ones first, so that the outer ones are back before them when something fails.
  std::stable_sort(removed_.begin(), removed_.end(), [](const MountPoint& a, const MountPoint& b) {
    return std::count(a.destination.begin(), a.destination.end(), '/') >
           std::count(b.destination.begin(), b.destination.end(), '/');
  });
  for (const auto& point : removed_)
    if (const auto inner = first_below(point.destination); !inner.empty())
      throw conflict("the mount at " + point.destination + " cannot be removed: " + inner + " is mounted in it");
  if (!changes.add.empty()) added_ = parse(changes.add);
  for (const auto& request : added_) check_new(request.point);
}

void MountChange::check_new(const MountPoint& point) const {
  const std::string& target = point.destination;
  // Also where the present one is to go: after a crash in between nobody could tell which of them is mounted.
  const auto& tmpfs = before_.host_config.tmpfs;
  const bool is_tmpfs = std::any_of(tmpfs.begin(), tmpfs.end(), [&](const auto& one) { return clean_path(one.first) == target; });
  if (is_mounted_at(before_.mounts, target) || is_tmpfs) throw invalid("Duplicate mount point: " + target);
  if (is_engines(target))
    throw invalid("invalid mount config for type \"" + point.type + "\": " + target + " is the engine's in a running container");
  if (const auto inner = first_below(target); !inner.empty())
    throw conflict("a mount at " + target + " would cover the one at " + inner);
}

std::string MountChange::first_below(const std::string& target) const {
  StringList others = targets(kept_);
  for (const auto& [path, options] : before_.host_config.tmpfs) others.push_back(clean_path(path));
  for (const char* file : {"/etc/hosts", "/etc/hostname", "/etc/resolv.conf"}) others.emplace_back(file);
  const auto found =
      std::find_if(others.begin(), others.end(), [&](const std::string& other) { return is_inside(other, target); });
  return found == others.end() ? "" : *found;
}

Json MountChange::mark() const {
  StringList volumes;
  for (const auto& request : added_)
    if (request.point.type == "volume") volumes.push_back(request.point.name);
  for (const auto& point : removed_)
    if (point.type == "volume") volumes.push_back(point.name);
  return {{"mount", targets(points_of(added_))}, {"unmount", targets(removed_)}, {"volumes", volumes}};
}

Container MountChange::with_only(std::vector<MountPoint> points, bool left_alone) const {
  Container container = before_;
  if (left_alone) std::erase_if(points, [&](const MountPoint& p) { return p.type == "volume" && uses(kept_, p.name); });
  container.mounts = std::move(points);
  return container;
}

void MountChange::make_volumes(Rollback& undo) {
  undo.add("abandon new volumes of " + before_.id, [this] { parts_.volumes.abandon(user_); });
  for (auto& request : added_) {
    if (request.point.type != "volume") continue;
    make_volume(parts_, request, user_);
    if (request.point.driver == "local" && request.point.mode.empty()) request.point.mode = "z"; // as create says it
    const std::string& name = request.point.name;
    if (uses(before_.mounts, name)) continue;
    parts_.volumes.acquire(name, before_.id);
    undo.add(std::string("release volume ").append(name), [this, name] { parts_.volumes.release(name, before_.id); });
  }
}

void MountChange::mount_added(Rollback& undo) {
  const auto points = points_of(added_);
  create_bind_sources(points);
  check_propagation(points);
  std::vector<MountPoint> new_volumes = points;
  std::erase_if(new_volumes, [&](const MountPoint& p) { return p.type == "volume" && uses(before_.mounts, p.name); });
  undo.add("unmount new volumes of " + before_.id,
           [this, new_volumes] { unmount_volumes(parts_, with_only(new_volumes, false)); });
  const Container with_added = with_only(points, false);
  VolumeMounts volumes = mount_volumes(parts_, with_added);
  failpoint("update.after_volumes");
  selinux::relabel_mounts(parts_, with_added, volumes);
  for (const Json& oci : oci_mounts(points, &volumes)) {
    mount_now(parts_, before_.id, oci);
    const std::string target = oci.at("destination").get<std::string>();
    undo.add("unmount " + target, [this, target] { (void)unmount(parts_, before_.id, target); });
    failpoint("update.after_mount");
  }
}

void MountChange::unmount_removed(Rollback& undo) {
  for (const auto& point : removed_) {
    unmount_now(parts_, before_.id, point.destination);
    undo.add("mount again at " + point.destination, [this, point] {
      VolumeMounts volumes = mount_volumes(parts_, with_only({point}, false));
      mount_now(parts_, before_.id, oci_mounts({point}, &volumes).at(0));
    });
    failpoint("update.after_unmount");
  }
}

void MountChange::apply(Container& after, Rollback& undo) {
  if (empty()) return;
  try {
    make_volumes(undo);
    if (is_running(before_.phase)) {
      unmount_removed(undo); // first: what is added may be at a place that one of these hides
      mount_added(undo);
    }
  } catch (const Error& e) {
    // To an update "not found" would say that the container has ended.
    if (e.code() != Code::not_found) throw;
    throw Error(Code::invalid, e.what(), e.reason(), e.os_errno());
  }
  after.mounts = kept_;
  for (auto& request : added_) {
    request.point.live = is_running(before_.phase);
    after.mounts.push_back(request.point);
  }
}

void MountChange::finish() noexcept {
  try {
    parts_.volumes.settle(user_);
    for (const auto& request : added_)
      if (request.point.type == "volume") parts_.volumes.release(request.point.name, user_);
    auto gone = with_only(removed_, true);
    std::erase_if(gone.mounts, [&](const MountPoint& p) { return uses(points_of(added_), p.name); });
    if (is_running(before_.phase)) unmount_volumes(parts_, gone);
    for (const auto& point : gone.mounts)
      if (point.type == "volume") parts_.volumes.release(point.name, before_.id);
  } catch (const std::exception& e) {
    log::error("container " + before_.id + ": after a change of its mounts: " + e.what());
  }
}

void settle_mounts(Parts& parts, Entry& entry, const Json& mark) {
  const ContainerPtr container = entry.snapshot();
  StringList begun = marked_strings(mark, "mount"), ended = marked_strings(mark, "unmount");
  std::erase_if(begun, [&](const std::string& target) { return is_mounted_at(container->mounts, target); });
  std::erase_if(ended, [&](const std::string& target) { return !is_mounted_at(container->mounts, target); });
  if (is_running(container->phase)) {
    begun.insert(begun.end(), ended.begin(), ended.end());
    unmount_all(parts, entry.id, begun);
  }
  Container after = *container;
  std::erase_if(after.mounts,
                [&](const MountPoint& point) { return std::find(ended.begin(), ended.end(), point.destination) != ended.end(); });
  if (after.mounts.size() != container->mounts.size()) {
    parts.store.update_config(after);
    entry.publish(after);
  }
  let_go(parts, entry.id, after.mounts, marked_strings(mark, "volumes"));
}

} // namespace gantry::containers
