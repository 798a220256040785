#include "containers/mounts.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/error.hpp"
#include "base/file.hpp"
#include "containers/json_reader.hpp"

namespace gantry::containers {
namespace {

struct Bind {
  std::string source, target;
  StringList options; ///< of the mount
};

bool is_propagation(std::string_view word) {
  constexpr std::array<std::string_view, 6> words = {"shared", "rshared", "slave", "rslave", "private", "rprivate"};
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Mount options for the mode of a bind: comma-separated words behind the second colon.
StringList bind_options(std::string_view mode) {
  bool read_only = false, mapped = false;
  std::string propagation = "rprivate";
  while (!mode.empty()) {
    const std::string_view word = mode.substr(0, mode.find(','));
    mode.remove_prefix(std::min(mode.size(), word.size() + 1));
    if (word == "ro") {
      read_only = true;
    } else if (word == "idmap") {
      mapped = true; // ours: files belong to the same ids as in the container, see docs/security.md
    } else if (is_propagation(word)) {
      propagation = word;
    } else if (word != "rw" && word != "z" && word != "Z" && word != "nocopy" && word != "consistent" && word != "cached" &&
               word != "delegated") {
      throw invalid("invalid mode: " + std::string(word));
    }
  }
  StringList options = {"rbind", propagation, read_only ? "ro" : "rw"};
  if (mapped) options.emplace_back("ridmap");
  return options;
}

void check_target(const std::string& spec, const char* type, const std::string& target) {
  const std::string where = "invalid volume specification: '" + spec + "': invalid mount config for type \"" + type + "\": ";
  if (!target.starts_with('/')) throw invalid(where + "invalid mount path: '" + target + "' mount path must be absolute");
  if (target == "/") throw invalid(where + "invalid specification: destination can't be '/'");
}

Bind parse_bind(const std::string& spec) {
  const std::size_t first = spec.find(':');
  if (first == std::string::npos) check_target(spec, "volume", spec);
  const std::size_t second = first == std::string::npos ? first : spec.find(':', first + 1);
  Bind bind;
  if (first != std::string::npos) {
    bind.source = spec.substr(0, first);
    bind.target = spec.substr(first + 1, second == std::string::npos ? second : second - first - 1);
  }
  const bool named = !bind.source.starts_with('/');
  if (first != std::string::npos) check_target(spec, named ? "volume" : "bind", bind.target);
  if (named)
    throw not_implemented("invalid volume specification: '" + spec + "': this engine has no volumes yet, only host paths");
  bind.options = bind_options(second == std::string::npos ? "" : std::string_view(spec).substr(second + 1));
  return bind;
}

Json oci_mount(const std::string& type, const std::string& source, const std::string& target, const StringList& options) {
  return {{"destination", target}, {"type", type}, {"source", source}, {"options", options}};
}

[[noreturn]] void refuse_mount(const std::string& type, const std::string& why) {
  throw invalid("invalid mount config for type \"" + type + "\": " + why);
}

struct MountRequest {
  std::string type, source, target, propagation = "rprivate";
  bool read_only = false, non_recursive = false, create_mountpoint = false;
  std::int64_t tmpfs_size = 0, tmpfs_mode = 0;
};

MountRequest mount_from(const JsonReader& reader) {
  MountRequest mount;
  reader.read("Type", mount.type);
  reader.read("Source", mount.source);
  reader.read("Target", mount.target);
  reader.read("ReadOnly", mount.read_only);
  if (const Json* bind = reader.find("BindOptions")) {
    const JsonReader options(*bind, reader.name("BindOptions"));
    options.read("Propagation", mount.propagation);
    options.read("NonRecursive", mount.non_recursive);
    options.read("CreateMountpoint", mount.create_mountpoint);
  }
  if (const Json* tmpfs = reader.find("TmpfsOptions")) {
    const JsonReader options(*tmpfs, reader.name("TmpfsOptions"));
    options.read("SizeBytes", mount.tmpfs_size);
    options.read("Mode", mount.tmpfs_mode);
  }
  if (mount.propagation.empty()) mount.propagation = "rprivate";
  return mount;
}

void check_mount(const MountRequest& mount) {
  if (mount.type == "volume") throw not_implemented("mounts of type \"volume\" are not supported yet");
  if (mount.type != "bind" && mount.type != "tmpfs") {
    throw invalid("invalid mount config for type \"" + mount.type + "\": mount type unknown");
  }
  if (mount.target.empty()) refuse_mount(mount.type, "field Target must not be empty");
  if (!mount.target.starts_with('/')) {
    refuse_mount(mount.type, "invalid mount path: '" + mount.target + "' mount path must be absolute");
  }
  if (mount.target == "/") refuse_mount(mount.type, "invalid specification: destination can't be '/'");
  if (mount.type == "tmpfs") {
    if (!mount.source.empty()) refuse_mount(mount.type, "field Source must not be specified");
    return;
  }
  if (mount.source.empty()) refuse_mount(mount.type, "field Source must not be empty");
  if (!mount.source.starts_with('/')) {
    refuse_mount(mount.type, "invalid mount path: '" + mount.source + "' mount path must be absolute");
  }
  if (!is_propagation(mount.propagation)) refuse_mount(mount.type, "invalid propagation mode: " + mount.propagation);
}

Json oci_tmpfs(const MountRequest& mount) {
  StringList options = {"nosuid", "nodev", "noexec", mount.read_only ? "ro" : "rw"};
  if (mount.tmpfs_size > 0) options.push_back("size=" + std::to_string(mount.tmpfs_size));
  if (mount.tmpfs_mode > 0) {
    char mode[24];
    std::snprintf(mode, sizeof mode, "mode=%llo", static_cast<unsigned long long>(mount.tmpfs_mode));
    options.emplace_back(mode);
  }
  return oci_mount("tmpfs", "tmpfs", mount.target, options);
}

std::vector<MountRequest> requests_of(const HostConfig& config) {
  std::vector<MountRequest> requests;
  if (!config.mounts.is_null()) {
    const Json object = {{"Mounts", config.mounts}};
    JsonReader(object, "HostConfig").read_objects("Mounts", requests, mount_from);
  }
  for (const auto& request : requests) check_mount(request);
  return requests;
}

void create_missing(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) make_directories(path, 0755);
}

} // namespace

std::vector<Json> make_mounts(const HostConfig& config) {
  std::vector<Json> mounts;
  std::set<std::string> targets;
  const auto claim = [&](const std::string& target) {
    if (!targets.insert(target).second) throw invalid("Duplicate mount point: " + target);
  };
  for (const auto& spec : config.binds) {
    const Bind bind = parse_bind(spec);
    claim(bind.target);
    mounts.push_back(oci_mount("bind", bind.source, bind.target, bind.options));
  }
  for (const auto& request : requests_of(config)) {
    claim(request.target);
    if (request.type == "tmpfs") {
      mounts.push_back(oci_tmpfs(request));
    } else {
      mounts.push_back(
          oci_mount("bind", request.source, request.target,
                    {request.non_recursive ? "bind" : "rbind", request.propagation, request.read_only ? "ro" : "rw"}));
    }
  }
  return mounts;
}

void check_mount_sources(const HostConfig& config) {
  for (const auto& request : requests_of(config)) {
    struct stat found {};
    if (request.type != "bind" || request.create_mountpoint || ::stat(request.source.c_str(), &found) == 0) continue;
    refuse_mount(request.type, "bind source path does not exist: " + request.source);
  }
}

void create_bind_sources(const HostConfig& config) {
  for (const auto& spec : config.binds) create_missing(parse_bind(spec).source);
  for (const auto& request : requests_of(config)) {
    if (request.type == "bind" && request.create_mountpoint) create_missing(request.source);
  }
}

} // namespace gantry::containers
