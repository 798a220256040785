#include "containers/spec/devices.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <system_error>

#include "base/error.hpp"

namespace gantry::containers {
namespace {

namespace fs = std::filesystem;

struct KnownDevice {
  char type;
  int major, minor; ///< -1: any
  const char* access;
};

// Any node may be made (m); opened may be null, zero, full, random, urandom, tty, console, ptmx and ptys.
constexpr KnownDevice default_rules[] = {{'c', -1, -1, "m"}, {'b', -1, -1, "m"}, {'c', 1, 3, "rwm"},   {'c', 1, 5, "rwm"},
                                         {'c', 1, 7, "rwm"}, {'c', 1, 8, "rwm"}, {'c', 1, 9, "rwm"},   {'c', 5, 0, "rwm"},
                                         {'c', 5, 1, "rwm"}, {'c', 5, 2, "rwm"}, {'c', 136, -1, "rwm"}};

Json make_rule(char type, std::int64_t major_number, std::int64_t minor_number, const std::string& access) {
  Json rule{{"allow", true}, {"type", std::string(1, type)}};
  if (major_number >= 0) rule["major"] = major_number;
  if (minor_number >= 0) rule["minor"] = minor_number;
  rule["access"] = access;
  return rule;
}

bool is_device(const struct stat& info) { return S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode); }

void add_device(SpecDevices& devices, const struct stat& info, const std::string& path, const std::string& access) {
  const char type = S_ISBLK(info.st_mode) ? 'b' : 'c';
  const auto major_number = static_cast<std::int64_t>(major(info.st_rdev));
  const auto minor_number = static_cast<std::int64_t>(minor(info.st_rdev));
  devices.nodes.push_back({{"path", path},
                           {"type", std::string(1, type)},
                           {"major", major_number},
                           {"minor", minor_number},
                           {"fileMode", info.st_mode & 0777},
                           {"uid", info.st_uid},
                           {"gid", info.st_gid}});
  if (!access.empty()) devices.rules.push_back(make_rule(type, major_number, minor_number, access));
}

/// Every device below a directory; links and what a container has of its own are left out.
void add_directory(SpecDevices& devices, const fs::path& host, const fs::path& container, const std::string& access) {
  static constexpr std::string_view own[] = {"pts", "shm", "fd", "mqueue", ".lxc", ".lxd-mounts", ".udev", "console"};
  std::error_code ignored; // what vanishes or cannot be read is not offered
  for (const auto& entry : fs::directory_iterator(host, ignored)) {
    const std::string name = entry.path().filename();
    struct stat info {};
    if (std::find(std::begin(own), std::end(own), name) != std::end(own) || ::lstat(entry.path().c_str(), &info) != 0) continue;
    if (S_ISDIR(info.st_mode)) {
      add_directory(devices, entry.path(), container / name, access);
    } else if (is_device(info)) {
      add_device(devices, info, container / name, access);
    }
  }
}

void add_requested(SpecDevices& devices, const Device& device) {
  const auto refuse = [&](const std::string& why) {
    return invalid("error gathering device information while adding custom device \"" + device.path_on_host + "\": " + why);
  };
  struct stat info {};
  if (::stat(device.path_on_host.c_str(), &info) != 0) {
    const int why = errno;
    throw Error(Code::internal,
                refuse(why == ENOENT ? "no such file or directory" : std::generic_category().message(why)).what());
  }
  const std::string access = device.cgroup_permissions.empty() ? "rwm" : device.cgroup_permissions;
  if (access.find_first_not_of("rwm") != std::string::npos)
    throw refuse("invalid cgroup permissions '" + access + "', allowed are r, w and m");
  const std::string target = device.path_in_container.empty() ? device.path_on_host : device.path_in_container;
  if (is_device(info)) return add_device(devices, info, target, access);
  const std::size_t before = devices.nodes.size();
  if (S_ISDIR(info.st_mode)) add_directory(devices, device.path_on_host, target, access);
  if (devices.nodes.size() == before) throw refuse("not a device node");
}

/// "*" or a number; -2 when it is neither.
std::int64_t parse_device_number(std::string_view text) {
  if (text == "*") return -1;
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::int64_t{number} : -2;
}

/// "c 42:* rmw".
Json parse_rule(const std::string& text) {
  const Error bad = invalid("invalid device cgroup rule format: '" + text + "'");
  const std::size_t colon = text.find(':'), blank = text.rfind(' ');
  if (text.size() < 7 || text[1] != ' ' || colon == std::string::npos || blank == std::string::npos || blank < colon) throw bad;
  const std::string access = text.substr(blank + 1);
  const std::int64_t major_number = parse_device_number(std::string_view(text).substr(2, colon - 2));
  const std::int64_t minor_number = parse_device_number(std::string_view(text).substr(colon + 1, blank - colon - 1));
  const bool legal = std::string_view("abc").find(text[0]) != std::string_view::npos && major_number != -2 &&
                     minor_number != -2 && !access.empty() && access.size() <= 3 &&
                     access.find_first_not_of("rwm") == std::string::npos;
  if (!legal) throw bad;
  return make_rule(text[0], major_number, minor_number, access);
}

} // namespace

SpecDevices make_devices(const HostConfig& host) {
  SpecDevices devices{Json::array(), Json::array()};
  if (host.privileged) {
    add_directory(devices, "/dev", "/dev", "");
    devices.rules.push_back({{"allow", true}, {"access", "rwm"}});
    return devices;
  }
  devices.rules.push_back({{"allow", false}, {"access", "rwm"}});
  for (const auto& [type, major_number, minor_number, access] : default_rules) {
    devices.rules.push_back(make_rule(type, major_number, minor_number, access));
  }
  for (const auto& device : host.resources.devices) add_requested(devices, device);
  for (const auto& rule : host.resources.device_cgroup_rules) devices.rules.push_back(parse_rule(rule));
  return devices;
}

} // namespace gantry::containers
