#include "local_driver.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include <nlohmann/json.hpp>

#include "directory.hpp"
#include "mount.hpp"
#include "options.hpp"
#include "quota-common/project_quota.hpp"
#include "shared_copy.hpp"
#include "usage.hpp"

namespace gantry::volume_local {
namespace {

constexpr const char* fresh_prefix = ".new-";
constexpr const char* gone_prefix = ".gone-";

std::string root_of(const std::string& config_json, const Host& host) {
  const auto config = nlohmann::json::parse(config_json, nullptr, false);
  const std::string root = config.is_object() ? config.value("root", std::string()) : std::string();
  return root.empty() ? host.state_dir() + "/volumes" : root;
}

std::int64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

/// What becomes part of a path is checked here whatever the engine has checked.
void check_name(const std::string& name) {
  static const std::string first = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  const std::string rest = first + "_.-";
  if (name.size() == 1)
    throw Error(Code::invalid, "volume name is too short, names should be at least two alphanumeric characters");
  const bool right = !name.empty() && name.size() <= 255 && first.find(name[0]) != std::string::npos &&
                     name.find_first_not_of(rest) == std::string::npos;
  if (right) return;
  throw Error(Code::invalid, "\"" + name +
                                 "\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" "
                                 "are allowed. If you intended to pass a host directory, use absolute path");
}

Error no_volume() { return {Code::not_found, "no such volume"}; }
Error taken(const std::string& name) { return {Code::already_exists, "volume " + name + " exists already"}; }

/// With its quota. Nobody has ever used it: its directory can be believed.
void discard(const std::string& directory) {
  quota::forget_own_limit(directory + "/_data");
  delete_tree(directory);
}

/// For what has to work whatever has become of the record: absent when that makes no sense.
std::optional<Options> find_options(const std::string& directory) {
  try {
    return parse_options(read_record(directory).options);
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// Of the quota of a volume. Older records do not tell it.
std::uint32_t project_of(const std::string& directory) {
  try {
    const Record record = read_record(directory);
    if (record.project != 0) return record.project;
    const std::uint64_t size = parse_options(record.options).size;
    return size != 0 ? quota::project_of(directory + "/_data", size) : 0;
  } catch (const Error&) { // a damaged record: the limit of what is gone stays, which keeps nobody from anything
    return 0;
  }
}

bool is_safe(const std::string& name) { return !name.empty() && name[0] != '.' && name.find('/') == std::string::npos; }

} // namespace

LocalDriver::LocalDriver(Host& host, const std::string& config_json)
    : host_(host), root_(root_of(config_json, host)), run_(host.run_dir() + "/mounts") {
  make_directory(root_, 0711);
  make_directory(run_, 0700);
  sweep();
}

void LocalDriver::sweep() {
  for (const auto& name : names_in(root_)) {
    const bool fresh = name.rfind(fresh_prefix, 0) == 0;
    if (!fresh && name.rfind(gone_prefix, 0) != 0) continue;
    try {
      if (fresh)
        discard(root_ + "/" + name);
      else
        delete_tree(root_ + "/" + name); // its quota went first
    } catch (const Error& e) {
      host_.log(LogLevel::warn, e.what());
    }
  }
}

bool LocalDriver::make(const VolumeCreate& request, const std::function<void(const std::string& data)>& fill) {
  const std::uint64_t size = parse_options(request.options).size;
  const std::string fresh = make_unique_directory(root_ + "/" + fresh_prefix);
  try {
    make_directory(fresh + "/_data", 0755);
    const std::uint32_t project = size == 0 ? 0 : quota::limit_tree(fresh + "/_data", size);
    if (size != 0 && project == 0) throw no_quota();
    fill(fresh + "/_data");
    write_record(fresh, {now_ns(), request.options, request.labels, project});
    sync_directory(fresh);
    // Complete or not there: whoever comes second finds the first one's.
    const bool made = ::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, directory(request.name).c_str(), RENAME_NOREPLACE) == 0;
    if (!made && errno != EEXIST) throw system_error("create " + directory(request.name), errno);
    if (!made) discard(fresh);
    sync_directory(root_);
    return made;
  } catch (...) {
    discard(fresh);
    throw;
  }
}

void LocalDriver::create(Call&, const VolumeCreate& request) {
  check_name(request.name);
  (void)parse_options(request.options);
  if (!exists(directory(request.name))) (void)make(request, [](const std::string&) {});
}

void LocalDriver::snapshot(Call&, const VolumeCreate& request, const std::string& source) {
  check_name(request.name);
  (void)parse_options(request.options);
  if (!is_safe(source) || !exists(directory(source))) throw no_volume();
  if (exists(directory(request.name))) throw taken(request.name);
  if (!parse_options(read_record(directory(source)).options).device.empty())
    throw Error(Code::not_implemented, "what a device holds cannot be shared");
  require_shared_blocks(root_);
  if (!make(request, [&](const std::string& copy) { copy_shared(data(source), copy); })) throw taken(request.name);
}

void LocalDriver::rename(Call&, const std::string& name, const std::string& new_name) {
  check_name(new_name);
  if (!is_safe(name) || !exists(directory(name))) throw no_volume();
  if (!names_in(uses(name)).empty()) throw Error(Code::in_use, "volume is in use");
  if (::renameat2(AT_FDCWD, directory(name).c_str(), AT_FDCWD, directory(new_name).c_str(), RENAME_NOREPLACE) != 0) {
    if (errno == EEXIST) throw taken(new_name);
    throw system_error("rename " + directory(name), errno);
  }
  sync_directory(root_);
  walks_.forget(name);
  walks_.forget(new_name);
}

void LocalDriver::remove(Call& call, const std::string& name, bool force) {
  if (!is_safe(name) || !exists(directory(name))) return;
  const auto mounts = names_in(uses(name));
  if (!mounts.empty() && !force) throw Error(Code::in_use, "volume is in use");
  for (const auto& id : mounts) unmount(call, name, id);
  // Whatever is left there is not the volume's: nothing is deleted through a mount.
  unmount_all(data(name));
  quota::forget_limit(data(name), project_of(directory(name)));
  const std::string gone = make_unique_directory(root_ + "/" + gone_prefix);
  if (::rename(directory(name).c_str(), (gone + "/volume").c_str()) != 0) throw system_error("remove " + directory(name), errno);
  walks_.forget(name);
  sync_directory(root_);
  try {
    delete_tree(gone);
  } catch (const Error& e) {
    host_.log(LogLevel::warn, "volume " + name + ": what is left is deleted at the next start: " + e.what());
  }
}

Mount LocalDriver::mount(Call&, const std::string& name, const std::string& mount_id) {
  if (!is_safe(name) || !exists(directory(name))) throw no_volume();
  if (!is_safe(mount_id)) throw Error(Code::invalid, "'" + mount_id + "' is no mount id");
  const Options options = parse_options(read_record(directory(name)).options);
  make_directory(uses(name), 0700);
  touch(uses(name) + "/" + mount_id);
  try {
    if (!options.device.empty() && !is_mount_point(data(name))) mount_device(options, data(name));
  } catch (...) {
    ::unlink((uses(name) + "/" + mount_id).c_str());
    throw;
  }
  return {"bind", data(name), "", {"rbind"}};
}

void LocalDriver::unmount(Call&, const std::string& name, const std::string& mount_id) {
  if (!is_safe(name) || !is_safe(mount_id)) return;
  ::unlink((uses(name) + "/" + mount_id).c_str());
  if (!names_in(uses(name)).empty()) return;
  ::rmdir(uses(name).c_str());
  if (!exists(directory(name))) return;
  const auto options = find_options(directory(name));
  if (options && options->device.empty()) return;
  unmount_all(data(name));
}

std::optional<VolumeInfo> LocalDriver::get(Call&, const std::string& name) {
  if (!is_safe(name) || !exists(directory(name))) return std::nullopt;
  return described(name, read_record(directory(name)));
}

VolumeInfo LocalDriver::described(const std::string& name, const Record& record) const {
  VolumeInfo info;
  info.name = name;
  info.mountpoint = data(name);
  info.created_ns = record.created_ns;
  info.options = record.options;
  info.labels = record.labels;
  return info;
}

std::vector<VolumeInfo> LocalDriver::list(Call& call) {
  std::vector<VolumeInfo> volumes;
  for (const auto& name : names_in(root_)) {
    if (!is_safe(name)) continue;
    try {
      if (auto info = get(call, name)) volumes.push_back(std::move(*info));
    } catch (const Error& e) {
      host_.log(LogLevel::warn, "volume " + name + ": " + e.what());
      // It can be removed, and its data taken out.
      if (e.code() == Code::data_loss) volumes.push_back(described(name, {}));
    }
  }
  return volumes;
}

void LocalDriver::reconcile(Call& call, const std::vector<std::string>& live_mounts) {
  for (const auto& name : names_in(run_)) {
    for (const auto& id : names_in(uses(name))) {
      if (std::find(live_mounts.begin(), live_mounts.end(), id) == live_mounts.end()) unmount(call, name, id);
    }
  }
}

VolumeUsage LocalDriver::usage(Call& call, const std::string& name) {
  if (!is_safe(name) || !exists(directory(name))) throw no_volume();
  return walks_.get(call, name, [&] { return measure(call, data(name)); });
}

} // namespace gantry::volume_local
