#include "containers/mounts.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "base/file.hpp"
#include "containers/json_reader.hpp"
#include "containers/mount_text.hpp"

namespace gantry::containers {
namespace {

/// Options that belong to one type of mount.
struct Extras {
  bool bind = false, volume = false, tmpfs = false, image = false;
};

[[noreturn]] void refuse(const std::string& type, const std::string& why) {
  throw invalid("invalid mount config for type \"" + type + "\": " + why);
}

void check_absolute(const std::string& type, const std::string& path) {
  if (!path.starts_with('/')) refuse(type, "invalid mount path: '" + path + "' mount path must be absolute");
}

void check_bind(const RequestedMount& mount, const Extras& extras) {
  const MountPoint& point = mount.point;
  if (point.source.empty()) refuse(point.type, "field Source must not be empty");
  if (!point.propagation.empty() && !is_propagation(point.propagation))
    refuse(point.type, "invalid propagation mode: " + point.propagation);
  if (extras.volume) refuse(point.type, "field VolumeOptions must not be specified");
  if (extras.image) refuse(point.type, "field ImageOptions must not be specified");
  check_absolute(point.type, point.source);
  if (!point.submounts.empty() && point.rw) refuse(point.type, "mount must be read-only for a choice of how deep that goes");
}

void check_subpath(const MountPoint& point) {
  const std::string& path = point.subpath;
  if (path.empty()) return;
  if (path.starts_with('/') || clean_path(path).starts_with(".."))
    refuse(point.type, "subpath must be a relative path within the volume"); // also of an image
}

void check_volume(const RequestedMount& mount, const Extras& extras) {
  if (extras.bind) refuse("volume", "field BindOptions must not be specified");
  if (extras.image) refuse("volume", "field ImageOptions must not be specified");
  if (mount.point.name.empty() && !mount.point.rw) refuse("volume", "must not set ReadOnly mode when using anonymous volumes");
  check_subpath(mount.point);
}

void check_tmpfs(const RequestedMount& mount, const Extras& extras) {
  if (extras.bind) refuse("tmpfs", "field BindOptions must not be specified");
  if (!mount.point.source.empty()) refuse("tmpfs", "field Source must not be specified");
  if (extras.volume) refuse("tmpfs", "field VolumeOptions must not be specified");
  if (mount.point.tmpfs_size < 0) refuse("tmpfs", "invalid size " + std::to_string(mount.point.tmpfs_size));
}

void check_image(RequestedMount& mount, const Extras& extras) {
  if (extras.bind) refuse("image", "field BindOptions must not be specified");
  if (extras.volume) refuse("image", "field VolumeOptions must not be specified");
  if (mount.point.name.empty()) refuse("image", "field Source must not be empty");
  check_subpath(mount.point);
  mount.point.rw = false;
}

void check(RequestedMount& mount, const Extras& extras) {
  MountPoint& point = mount.point;
  if (point.destination.empty()) refuse(point.type, "field Target must not be empty");
  if (clean_path(point.destination) == "/") refuse(point.type, "invalid specification: destination can't be '/'");
  check_absolute(point.type, point.destination);
  if (point.type == "bind") {
    check_bind(mount, extras);
  } else if (point.type == "volume") {
    check_volume(mount, extras);
  } else if (point.type == "tmpfs") {
    check_tmpfs(mount, extras);
  } else if (point.type == "image") {
    check_image(mount, extras);
  } else {
    refuse(point.type, "mount type unknown");
  }
  point.destination = clean_path(point.destination);
  if (point.type == "bind" && point.propagation.empty()) point.propagation = "rprivate";
  if (point.type == "bind") point.source = clean_path(point.source);
}

RequestedMount mount_of_bind(const std::string& spec, const std::string& volume_driver) {
  const BindText text = split_bind(spec);
  const auto mode = parse_mode(text.mode);
  if (!mode) throw invalid("invalid mode: " + text.mode);
  RequestedMount mount;
  MountPoint& point = mount.point;
  const bool bind = text.source.starts_with('/');
  point.type = bind ? "bind" : "volume";
  (bind ? point.source : point.name) = text.source;
  point.destination = text.target;
  point.mode = text.mode;
  point.rw = !mode->read_only;
  point.propagation = mode->propagation;
  point.make_source = bind;
  point.mapped = mode->mapped;
  point.anonymous = !bind && text.source.empty();
  point.copy = !bind && !mode->no_copy;
  if (!bind) mount.driver = volume_driver;
  Extras extras;
  extras.bind = !bind && !mode->propagation.empty();
  extras.volume = bind && mode->no_copy;
  try {
    check(mount, extras);
  } catch (const Error& e) {
    throw e.context("invalid volume specification: '" + spec + "'");
  }
  return mount;
}

void read_bind_options(const JsonReader& reader, MountPoint& point) {
  bool non_recursive = false, writable = false, forced = false;
  reader.read("Propagation", point.propagation);
  reader.read("NonRecursive", non_recursive);
  reader.read("CreateMountpoint", point.make_source);
  reader.read("ReadOnlyNonRecursive", writable);
  reader.read("ReadOnlyForceRecursive", forced);
  if (writable && forced)
    throw invalid(reader.name("ReadOnlyForceRecursive") + " must not be set together with ReadOnlyNonRecursive");
  point.recursive = !non_recursive;
  if (writable) point.submounts = "writable";
  if (forced) point.submounts = "readonly";
}

void read_volume_options(const JsonReader& reader, RequestedMount& mount) {
  bool no_copy = false;
  reader.read("NoCopy", no_copy);
  reader.read("Labels", mount.labels);
  reader.read("Subpath", mount.point.subpath);
  mount.point.copy = !no_copy;
  const Json* driver = reader.find("DriverConfig");
  if (!driver) return;
  const JsonReader config(*driver, reader.name("DriverConfig"));
  config.read("Name", mount.driver);
  config.read("Options", mount.options);
}

void read_tmpfs_options(const JsonReader& reader, MountPoint& point) {
  reader.read("SizeBytes", point.tmpfs_size);
  reader.read("Mode", point.tmpfs_mode);
  const Json* options = reader.find("Options");
  if (!options) return;
  const auto is_text = [](const Json& word) { return word.is_string(); };
  if (!options->is_array()) JsonReader::refuse(reader.name("Options"), "a list of lists of one or two strings", *options);
  for (const Json& option : *options) {
    if (!option.is_array() || option.empty() || option.size() > 2 || !std::all_of(option.begin(), option.end(), is_text))
      JsonReader::refuse(reader.name("Options"), "a list of lists of one or two strings", option);
    std::string text = option[0].get<std::string>();
    if (option.size() == 2) text += "=" + option[1].get<std::string>();
    if (text.find(',') != std::string::npos) throw invalid(reader.name("Options") + ": '" + text + "' must not hold a comma");
    point.tmpfs_options.push_back(std::move(text));
  }
}

RequestedMount mount_from(const JsonReader& reader) {
  RequestedMount mount;
  MountPoint& point = mount.point;
  Extras extras;
  std::string source;
  bool read_only = false;
  point.type.clear();
  reader.read("Type", point.type);
  reader.read("Source", source);
  reader.read("Target", point.destination);
  reader.read("ReadOnly", read_only);
  point.rw = !read_only;
  point.copy = point.type == "volume";
  if (const Json* bind = reader.find("BindOptions")) {
    extras.bind = true;
    read_bind_options(JsonReader(*bind, reader.name("BindOptions")), point);
  }
  if (const Json* volume = reader.find("VolumeOptions")) {
    extras.volume = true;
    read_volume_options(JsonReader(*volume, reader.name("VolumeOptions")), mount);
  }
  if (const Json* tmpfs = reader.find("TmpfsOptions")) read_tmpfs_options(JsonReader(*tmpfs, reader.name("TmpfsOptions")), point);
  if (const Json* image = reader.find("ImageOptions")) {
    extras.image = true;
    JsonReader(*image, reader.name("ImageOptions")).read("Subpath", point.subpath);
  }
  (point.type == "volume" || point.type == "image" ? point.name : point.source) = source;
  point.anonymous = point.type == "volume" && source.empty();
  if (point.type != "volume") point.copy = false;
  if (point.type != "bind") point.make_source = false;
  check(mount, extras);
  return mount;
}

} // namespace

std::vector<RequestedMount> requested_mounts(const HostConfig& config) {
  std::vector<RequestedMount> mounts;
  std::set<std::string> targets;
  const auto claim = [&](const std::string& target) {
    if (config.tmpfs.contains(target) || !targets.insert(target).second) throw invalid("Duplicate mount point: " + target);
  };
  for (const auto& spec : config.binds) {
    mounts.push_back(mount_of_bind(spec, config.volume_driver));
    claim(mounts.back().point.destination);
  }
  if (config.mounts.is_null()) return mounts;
  std::vector<RequestedMount> more;
  const Json object = {{"Mounts", config.mounts}};
  JsonReader(object, "HostConfig").read_objects("Mounts", more, mount_from);
  for (auto& mount : more) {
    claim(mount.point.destination);
    mounts.push_back(std::move(mount));
  }
  return mounts;
}

std::vector<MountPoint> requested_points(const HostConfig& config) {
  std::vector<MountPoint> points;
  for (auto& mount : requested_mounts(config)) points.push_back(std::move(mount.point));
  return points;
}

VolumesFrom parse_volumes_from(const std::string& text) {
  if (text.empty()) throw invalid("volumes-from specification cannot be an empty string");
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return {text, false};
  const std::string words = text.substr(colon + 1);
  const auto mode = parse_mode(words);
  if (!mode || mode->no_copy || !mode->propagation.empty()) throw invalid("invalid mode: " + words);
  return {text.substr(0, colon), mode->read_only};
}

void check_mount_sources(const std::vector<MountPoint>& points) {
  for (const auto& point : points) {
    struct stat found {};
    if (point.type != "bind" || point.make_source || ::stat(point.source.c_str(), &found) == 0) continue;
    refuse(point.type, "bind source path does not exist: " + point.source);
  }
}

void create_bind_sources(const std::vector<MountPoint>& points) {
  for (const auto& point : points) {
    struct stat found {};
    if (point.make_source && ::stat(point.source.c_str(), &found) != 0) make_directories(point.source, 0755);
  }
}

} // namespace gantry::containers
