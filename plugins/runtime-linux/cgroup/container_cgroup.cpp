#include "cgroup/container_cgroup.hpp"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <gantry/sdk/error.hpp>
#include <gantry/sdk/fd.hpp>
#include <sstream>
#include <thread>

#include "cgroup/devices.hpp"
#include "cgroup/files.hpp"
#include "cgroup/write_values.hpp"

namespace gantry::runtime_linux {
namespace {

using namespace std::chrono_literals;

constexpr std::array cpuset_files{"/cpuset.cpus", "/cpuset.mems"};

/// A v1 cpuset starts empty and takes no process: it gets what its parent has. Children of a directory with
/// clone_children get it by themselves.
void inherit_cpuset(const std::string& parent, const std::string& child) {
  for (const char* file : cpuset_files)
    if (read_text(child + file).empty()) try_write(child + file, read_text(parent + file));
}

/// Another container's start may have made a parent a moment ago and not have filled it yet: every level is seen to.
void fill_cpusets(const std::string& base, const std::string& path) {
  const auto is_filled = [&](const char* file) { return !read_text(base + path + file).empty(); };
  if (std::all_of(cpuset_files.begin(), cpuset_files.end(), is_filled)) return;
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1))
    inherit_cpuset(base + path.substr(0, path.rfind('/', slash - 1)), base + path.substr(0, slash));
  inherit_cpuset(base + path.substr(0, path.rfind('/')), base + path);
}

void enable_controllers(const std::string& directory) {
  std::istringstream words(read_text(directory + "/cgroup.controllers"));
  for (std::string word; words >> word;) try_write(directory + "/cgroup.subtree_control", "+" + word);
}

/// A v2 directory has the controllers that all its parents hand down. Those whom nobody has asked so far do not.
void hand_down_controllers(const std::string& base, const std::string& path) {
  if (read_text(base + path + "/cgroup.controllers") == read_text(base + "/cgroup.controllers")) return;
  for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
    enable_controllers(base + path.substr(0, slash));
}

void make_directory(const std::string& directory) {
  if (::mkdir(directory.c_str(), 0755) < 0 && errno != EEXIST)
    throw Error(Code::internal, "create cgroup " + directory + ": " + std::strerror(errno), errno);
}

/// Makes `base` + `path` with what is missing of its parents.
void make_path(const std::string& base, const std::string& path, bool cpuset) {
  const bool parents_exist = ::mkdir((base + path).c_str(), 0755) == 0 || errno == EEXIST;
  if (!parents_exist && errno != ENOENT)
    throw Error(Code::internal, "create cgroup " + base + path + ": " + std::strerror(errno), errno);
  if (!parents_exist) {
    for (std::size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
      const std::string parent = base + path.substr(0, slash);
      make_directory(parent);
      if (!cpuset) continue;
      inherit_cpuset(base + path.substr(0, path.rfind('/', slash - 1)), parent);
      try_write(parent + "/cgroup.clone_children", "1");
    }
    make_directory(base + path);
  }
  if (cpuset) fill_cpusets(base, path);
}

bool has_controller(const Hierarchy& hierarchy, const char* name) {
  for (const std::string& each : hierarchy.controllers)
    if (each == name) return true;
  return false;
}

/// A process that is dying still counts for some microseconds.
void remove_directory(const std::string& directory) {
  for (int attempt = 0; ::rmdir(directory.c_str()) < 0 && attempt < 400; ++attempt) {
    if (errno == ENOENT || errno == ENOTDIR) return;
    if (errno != EBUSY) throw Error(Code::internal, "remove cgroup " + directory + ": " + std::strerror(errno), errno);
    std::this_thread::sleep_for(attempt < 20 ? 100us : 5ms);
  }
}

} // namespace

ContainerCgroup::ContainerCgroup(const Hierarchies& hierarchies, std::string path)
    : hierarchies_(hierarchies), path_(std::move(path)) {
  const bool plain = path_.size() > 1 && path_[0] == '/' && path_.find("/..") == std::string::npos && path_.back() != '/';
  if (!plain) throw Error(Code::invalid, "cgroup path \"" + path_ + "\" is not an absolute path without \"..\"");
}

void ContainerCgroup::make_directories() {
  if (!hierarchies_.v2.empty()) make_path(hierarchies_.v2 + hierarchies_.v2_base, path_, false);
  if (version() == 2) hand_down_controllers(hierarchies_.v2 + hierarchies_.v2_base, path_);
  for (const Hierarchy& each : hierarchies_.v1) make_path(each.mount + each.base, path_, has_controller(each, "cpuset"));
}

/// A real-time budget must be there in every parent, and a new one has none.
void ContainerCgroup::allow_realtime(const nlohmann::json& resources) const {
  const std::string file = "/cpu.rt_runtime_us";
  const auto pointer = nlohmann::json::json_pointer("/cpu/realtimeRuntime");
  if (!resources.is_object() || !resources.contains(pointer) || !resources[pointer].is_number()) return;
  const auto wanted = resources[pointer].get<std::int64_t>();
  const std::string own = directory("cpu");
  for (std::size_t slash = own.find('/', own.size() - path_.size() + 1); slash != std::string::npos;
       slash = own.find('/', slash + 1)) {
    const std::string parent = own.substr(0, slash) + file;
    if (static_cast<std::int64_t>(read_number(parent)) < wanted) try_write(parent, std::to_string(wanted));
  }
}

void ContainerCgroup::create(const nlohmann::json& resources) {
  try {
    make_directories();
    allow_realtime(resources);
    write_values(values(resources));
    if (resources.is_object() && resources.contains("devices")) restrict_devices(*this, resources["devices"]);
  } catch (...) {
    remove(false);
    throw;
  }
}

std::vector<CgroupValue> ContainerCgroup::values(const nlohmann::json& resources) const {
  return version() == 2 ? values_v2(*this, resources) : values_v1(*this, resources);
}

void ContainerCgroup::update(const nlohmann::json& resources) {
  const std::vector<CgroupValue> wanted = values(resources);
  if (version() == 2) make_room(v2_directory(), wanted);
  allow_realtime(resources);
  std::vector<CgroupValue> before;
  for (const CgroupValue& each : wanted) before.push_back(present_value(each));
  try {
    write_values(wanted);
  } catch (...) {
    restore_values(before);
    throw;
  }
}

void ContainerCgroup::remove(bool kill_first) {
  if (kill_first) kill_all(SIGKILL);
  for (const std::string& each : v1_directories()) remove_directory(each);
  if (!hierarchies_.v2.empty()) remove_directory(v2_directory());
}

void ContainerCgroup::remove_when_empty() const {
  for (const std::string& each : v1_directories()) ::rmdir(each.c_str());
  if (!hierarchies_.v2.empty()) ::rmdir(v2_directory().c_str());
}

std::string ContainerCgroup::directory(const std::string& controller) const {
  return version() == 2 ? v2_directory() : hierarchies_.v1_directory(controller, path_);
}

std::vector<std::string> ContainerCgroup::v1_directories() const {
  std::vector<std::string> directories;
  for (const Hierarchy& each : hierarchies_.v1) directories.push_back(each.mount + each.base + path_);
  return directories;
}

std::string ContainerCgroup::oom_events() const {
  const std::string memory = directory("memory");
  if (memory.empty()) return "";
  return memory + (version() == 2 ? "/memory.events" : "/memory.oom_control");
}

std::vector<std::int32_t> ContainerCgroup::processes() const {
  const std::vector<std::string> v1 = v1_directories();
  const std::string v2 = v2_directory();
  // External runtimes leave the v2 tree alone where there are v1 hierarchies.
  const bool in_v2 = v1.empty() || (!v2.empty() && ::access(v2.c_str(), F_OK) == 0);
  const std::string text = read_text((in_v2 ? v2 : v1[0]) + "/cgroup.procs");
  std::vector<std::int32_t> pids;
  const char* const end = text.data() + text.size();
  for (const char* p = text.data(); p < end;) {
    std::int32_t pid = 0;
    const auto result = std::from_chars(p, end, pid);
    // 0: a process that this pid namespace does not see.
    if (result.ec == std::errc() && pid > 0) pids.push_back(pid);
    p = result.ptr + 1;
  }
  return pids;
}

void ContainerCgroup::kill_all(int signo) const {
  if (signo == SIGKILL && !hierarchies_.v2.empty() && try_write(v2_directory() + "/cgroup.kill", "1") == 0) return;
  for (const std::int32_t pid : processes()) {
    const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (process) ::syscall(SYS_pidfd_send_signal, process.get(), signo, nullptr, 0);
  }
}

void ContainerCgroup::freeze_and_wait(const std::string& file, const char* value) const {
  for (int attempt = 0; attempt < 1000; ++attempt) {
    if (attempt % 50 == 0) write_text(file, value);
    if (read_text(file) == value) return;
    std::this_thread::sleep_for(1ms);
  }
  try_write(file, "THAWED");
  throw Error(Code::deadline_exceeded, "unable to freeze " + path_);
}

void ContainerCgroup::freeze(bool frozen) const {
  if (const std::string v1 = version() == 1 ? directory("freezer") : ""; !v1.empty())
    return freeze_and_wait(v1 + "/freezer.state", frozen ? "FROZEN" : "THAWED");
  if (hierarchies_.v2.empty()) throw Error(Code::not_implemented, "this host has no cgroup freezer");
  write_text(v2_directory() + "/cgroup.freeze", frozen ? "1" : "0");
  for (int attempt = 0; attempt < 1000 && frozen; ++attempt) {
    if (read_text(v2_directory() + "/cgroup.events").find("frozen 1") != std::string::npos) return;
    std::this_thread::sleep_for(1ms);
  }
}

bool ContainerCgroup::is_frozen() const {
  if (const std::string v1 = version() == 1 ? directory("freezer") : ""; !v1.empty())
    return read_text(v1 + "/freezer.state").starts_with("FR"); // FREEZING or FROZEN; nothing once the cgroup is gone
  return read_text(v2_directory() + "/cgroup.freeze") == "1";
}

} // namespace gantry::runtime_linux
