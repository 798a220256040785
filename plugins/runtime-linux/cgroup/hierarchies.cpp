#include "cgroup/hierarchies.hpp"

#include <unistd.h>
#include <fstream>
#include <map>
#include <sstream>

namespace gantry::runtime_linux {
namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

/// Our own cgroup per controller list ("memory" → "/a/b"; "" for v2), from /proc/self/cgroup.
std::map<std::string, std::string> own_cgroups() {
  std::map<std::string, std::string> own;
  std::ifstream in("/proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    own[line.substr(first + 1, second - first - 1)] = line.substr(second + 1);
  }
  return own;
}

/// Below the hierarchy's root where we may write there, else below our own cgroup.
std::string base_of(const std::string& mount, const std::string& own) {
  return ::access((mount + "/cgroup.procs").c_str(), W_OK) == 0 || own == "/" ? "" : own;
}

bool is_controller(const std::string& option) {
  return option != "rw" && option != "ro" && option.find('=') == std::string::npos && option != "xattr" &&
         option != "clone_children";
}

void add_v1(Hierarchies& all, const std::string& mount, const std::string& super_options,
            const std::map<std::string, std::string>& own) {
  Hierarchy hierarchy;
  hierarchy.mount = mount;
  hierarchy.directory = mount.substr(mount.rfind('/') + 1);
  std::string joined;
  for (const std::string& option : split(super_options, ',')) {
    if (option.starts_with("name="))
      hierarchy.options = "none," + option;
    else if (is_controller(option))
      hierarchy.controllers.push_back(option);
  }
  for (const std::string& controller : hierarchy.controllers) joined += (joined.empty() ? "" : ",") + controller;
  if (hierarchy.options.empty()) hierarchy.options = joined;
  if (hierarchy.options.empty()) return;
  const auto found = own.find(joined.empty() ? hierarchy.options.substr(5) : joined);
  hierarchy.base = base_of(mount, found == own.end() ? "/" : found->second);
  for (const Hierarchy& known : all.v1)
    if (known.options == hierarchy.options) return;
  all.v1.push_back(hierarchy);
}

} // namespace

std::string Hierarchies::v1_directory(const std::string& controller, const std::string& path) const {
  for (const Hierarchy& each : v1)
    for (const std::string& one : each.controllers)
      if (one == controller) return each.mount + each.base + path;
  return "";
}

Hierarchies find_hierarchies() {
  Hierarchies all;
  const auto own = own_cgroups();
  std::ifstream in("/proc/self/mountinfo");
  bool controllers = false;
  for (std::string line; std::getline(in, line);) {
    const auto parts = split(line, ' ');
    std::size_t dash = 6;
    while (dash < parts.size() && parts[dash] != "-") ++dash;
    if (dash + 3 >= parts.size()) continue;
    const std::string& type = parts[dash + 1];
    const std::string& mount = parts[4];
    if (type == "cgroup2" && all.v2.empty()) {
      const auto found = own.find("");
      all.v2 = mount;
      all.v2_base = base_of(mount, found == own.end() ? "/" : found->second);
    } else if (type == "cgroup") {
      add_v1(all, mount, parts[dash + 3], own);
    }
  }
  for (const Hierarchy& each : all.v1) controllers |= !each.controllers.empty();
  all.version = controllers || all.v2.empty() ? 1 : 2;
  return all;
}

} // namespace gantry::runtime_linux
