#include "docker_driver.hpp"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>
#include <sstream>

#include <nlohmann/json.hpp>

#include "volume-local/directory.hpp"
#include "volume-local/record.hpp"

namespace gantry::volume_docker {
namespace {

using namespace volume_local; // directories and records

Places places_of(const std::string& config_json) {
  const auto config = nlohmann::json::parse(config_json, nullptr, false);
  const auto text = [&](const char* key, const char* otherwise) {
    return config.is_object() ? config.value(key, std::string(otherwise)) : std::string(otherwise);
  };
  Places places;
  places.sockets = text("sockets", "/run/docker/plugins");
  std::istringstream words(text("specs", "/etc/docker/plugins:/usr/lib/docker/plugins"));
  for (std::string word; std::getline(words, word, ':');) {
    if (!word.empty()) places.specs.push_back(word);
  }
  return places;
}

std::int64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

/// What becomes part of a path.
bool is_safe(const std::string& name) { return !name.empty() && name[0] != '.' && name.find('/') == std::string::npos; }

/// A plugin is trusted with its volumes' files, not with the host's.
void check_place(const std::string& place) {
  const bool plain = std::filesystem::path(place).lexically_normal() == place && place.size() > 1 && place[0] == '/';
  const auto below = [&](const std::string& top) { return place == top || place.rfind(top + "/", 0) == 0; };
  if (plain && !below("/proc") && !below("/sys") && !below("/dev")) return;
  throw Error(Code::unavailable,
              "the plugin named '" + place + "' as mountpoint: an absolute, plain path is needed, not below /proc, /sys or /dev");
}

std::string taken_plugin(VolumeSettings& options) {
  const auto found = std::find_if(options.begin(), options.end(), [](const auto& o) { return o.first == plugin_option; });
  if (found == options.end()) return "";
  std::string plugin = found->second;
  options.erase(found);
  return plugin;
}

} // namespace

DockerDriver::DockerDriver(Host& host, const std::string& config_json)
    : host_(host), root_(host.state_dir() + "/volumes"), run_(host.run_dir() + "/mounts"), protocol_(places_of(config_json)) {
  make_directory(root_, 0700);
  make_directory(run_, 0700);
  for (const auto& name : names_in(root_)) {
    if (!is_safe(name)) delete_tree(directory(name)); // a record that was never finished
  }
}

void DockerDriver::record(const VolumeCreate& request, const std::string& plugin) const {
  Record record{now_ns(), request.options, request.labels};
  record.options.emplace_back(plugin_option, plugin);
  const std::string fresh = make_unique_directory(root_ + "/.new-");
  try {
    write_record(fresh, record);
    sync_directory(fresh);
    if (::rename(fresh.c_str(), directory(request.name).c_str()) != 0)
      throw system_error("create " + directory(request.name), errno);
    sync_directory(root_);
  } catch (...) {
    delete_tree(fresh);
    throw;
  }
}

void DockerDriver::create(Call& call, const VolumeCreate& request) {
  if (!is_safe(request.name)) throw Error(Code::invalid, "'" + request.name + "' cannot be the name of a volume");
  if (exists(directory(request.name))) return;
  VolumeCreate wanted = request;
  std::string plugin = taken_plugin(wanted.options);
  if (plugin.empty()) plugin = protocol_.only_plugin();
  // Before the plugin hears of it, so that a crash leaves no volume that nobody knows.
  record(wanted, plugin);
  try {
    try {
      (void)protocol_.get(call, plugin, request.name); // one that it has already is that one, as in Docker
    } catch (const Refused&) {
      protocol_.create(call, plugin, request.name, wanted.options);
    }
  } catch (const Refused& e) {
    delete_tree(directory(request.name));
    throw Error(Code::invalid, e.what());
  } catch (...) {
    delete_tree(directory(request.name));
    throw;
  }
}

void DockerDriver::remove_there(Call& call, const std::string& plugin, const std::string& name) {
  try {
    protocol_.remove(call, plugin, name);
  } catch (const Refused&) {
    try {
      (void)protocol_.get(call, plugin, name);
    } catch (const Refused&) {
      return;
    }
    throw;
  }
}

void DockerDriver::remove(Call& call, const std::string& name, bool force) {
  if (!is_safe(name) || !exists(directory(name))) return;
  const auto mounts = names_in(uses(name));
  if (!mounts.empty() && !force) throw Error(Code::in_use, "volume is in use");
  for (const auto& id : mounts) unmount(call, name, id);
  remove_there(call, plugin_of(name), name);
  delete_tree(directory(name));
  sync_directory(root_);
}

Mount DockerDriver::mount(Call& call, const std::string& name, const std::string& mount_id) {
  if (!is_safe(name) || !exists(directory(name))) throw Error(Code::not_found, "no such volume");
  if (!is_safe(mount_id)) throw Error(Code::invalid, "'" + mount_id + "' is no mount id");
  make_directory(uses(name), 0700);
  const std::string use = uses(name) + "/" + mount_id;
  const bool again = exists(use);
  touch(use);
  try {
    std::string place;
    // A plugin counts its mounts: the same use must not be counted twice.
    if (again) place = protocol_.get(call, plugin_of(name), name).mountpoint;
    if (place.empty()) place = protocol_.mount(call, plugin_of(name), name, mount_id);
    check_place(place);
    return {"bind", place, "", {"rbind"}};
  } catch (...) {
    if (!again) ::unlink(use.c_str());
    throw;
  }
}

void DockerDriver::unmount(Call& call, const std::string& name, const std::string& mount_id) {
  if (!is_safe(name) || !is_safe(mount_id) || !exists(uses(name) + "/" + mount_id)) return;
  // Over for the engine whatever the plugin says: a volume is not in use for ever because its plugin died.
  ::unlink((uses(name) + "/" + mount_id).c_str());
  if (names_in(uses(name)).empty()) ::rmdir(uses(name).c_str());
  if (exists(directory(name))) protocol_.unmount(call, plugin_of(name), name, mount_id);
}

std::string DockerDriver::plugin_of(const std::string& name) const {
  VolumeSettings options = read_record(directory(name)).options;
  return taken_plugin(options);
}

VolumeInfo DockerDriver::known(const std::string& name) const {
  Record record = read_record(directory(name));
  (void)taken_plugin(record.options);
  VolumeInfo info;
  info.name = name;
  info.created_ns = record.created_ns;
  info.options = record.options;
  info.labels = record.labels;
  return info;
}

std::optional<VolumeInfo> DockerDriver::get(Call& call, const std::string& name) {
  if (!is_safe(name) || !exists(directory(name))) return std::nullopt;
  VolumeInfo info = known(name);
  const std::string plugin = plugin_of(name);
  try {
    const Found found = protocol_.get(call, plugin, name);
    info.mountpoint = found.mountpoint;
    info.status = found.status;
    info.global = protocol_.is_global(call, plugin);
  } catch (const Error& e) {
    host_.log(LogLevel::warn, "volume " + name + ": " + e.what());
  }
  return info;
}

std::vector<VolumeInfo> DockerDriver::list(Call&) {
  std::vector<VolumeInfo> volumes;
  for (const auto& name : names_in(root_)) {
    if (!is_safe(name)) continue;
    try {
      volumes.push_back(known(name));
    } catch (const Error& e) {
      host_.log(LogLevel::warn, "volume " + name + ": " + e.what());
    }
  }
  return volumes;
}

void DockerDriver::reconcile(Call& call, const std::vector<std::string>& live_mounts) {
  std::set<std::string> silent;
  for (const auto& name : names_in(run_)) {
    for (const auto& id : names_in(uses(name))) {
      if (std::find(live_mounts.begin(), live_mounts.end(), id) != live_mounts.end()) continue;
      const std::string plugin = exists(directory(name)) ? plugin_of(name) : "";
      if (plugin.empty() || silent.count(plugin) != 0) {
        ::unlink((uses(name) + "/" + id).c_str());
        continue;
      }
      try {
        unmount(call, name, id);
      } catch (const Error& e) {
        silent.insert(plugin);
        host_.log(LogLevel::warn, "volume " + name + ": " + e.what());
      }
    }
    ::rmdir(uses(name).c_str());
  }
}

} // namespace gantry::volume_docker
