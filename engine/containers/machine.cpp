#include "containers/machine.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"

namespace gantry::containers {
namespace {

namespace fs = std::filesystem;

std::string text_of(const std::string& path) {
  try {
    return read_file(path);
  } catch (const Error&) {
    return "";
  }
}

std::string first_line(const std::string& path) {
  const std::string text = text_of(path);
  return text.empty() ? "0" : text.substr(0, text.find('\n')); // empty: no NUMA in this kernel
}

std::vector<std::string> words(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

bool contains(const std::vector<std::string>& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

/// Mount point of a hierarchy: of the v1 one with `controller`, or of the v2 tree when that is empty. Empty: there is none.
std::string hierarchy(const std::string& mounts, const std::string& controller) {
  for (const std::string& line : words(mounts, '\n')) {
    const auto fields = words(line, ' ');
    const auto dash = std::find(fields.begin(), fields.end(), "-");
    if (fields.size() < 5 || std::distance(dash, fields.end()) < 4) continue;
    const bool wanted =
        controller.empty() ? dash[1] == "cgroup2" : dash[1] == "cgroup" && contains(words(dash[3], ','), controller);
    if (wanted) return fields[4];
  }
  return "";
}

/// One v1 hierarchy. Its root has nearly every file that a container's directory has.
class V1 {
 public:
  V1(const std::string& mounts, const std::string& controller) : directory_(hierarchy(mounts, controller)) {}
  bool mounted() const { return !directory_.empty(); }
  bool has(const char* file) const { return mounted() && ::access((directory_ + "/" + file).c_str(), F_OK) == 0; }

 private:
  std::string directory_;
};

void look_at_v1(Machine& machine, const std::string& mounts) {
  const V1 memory(mounts, "memory"), cpu(mounts, "cpu"), io(mounts, "blkio");
  machine.memory = memory.mounted();
  machine.swap = memory.has("memory.memsw.limit_in_bytes");
  machine.reservation = memory.has("memory.soft_limit_in_bytes");
  machine.swappiness = memory.has("memory.swappiness");
  machine.oom_kill_disable = memory.has("memory.oom_control");
  machine.kernel_memory_tcp = memory.has("memory.kmem.tcp.limit_in_bytes");
  machine.cpu_shares = cpu.has("cpu.shares");
  machine.cpu_quota = cpu.has("cpu.cfs_quota_us");
  machine.cpu_realtime = cpu.has("cpu.rt_runtime_us");
  machine.cpuset = V1(mounts, "cpuset").mounted();
  machine.pids = V1(mounts, "pids").mounted();
  machine.io_weight = io.has("blkio.weight") || io.has("blkio.bfq.weight");
  machine.io_weight_device = io.has("blkio.weight_device") || io.has("blkio.bfq.weight_device");
  machine.io_read_bps = io.has("blkio.throttle.read_bps_device");
  machine.io_write_bps = io.has("blkio.throttle.write_bps_device");
  machine.io_read_iops = io.has("blkio.throttle.read_iops_device");
  machine.io_write_iops = io.has("blkio.throttle.write_iops_device");
}

/// The v2 tree. Its root lacks the files of limits, so its children are asked; where it has none that the controller was handed
/// down to, there is nothing to see yet.
class V2 {
 public:
  explicit V2(const std::string& mount)
      : mount_(mount),
        available_(words(one_line(mount + "/cgroup.controllers"), ' ')),
        handed_down_(words(one_line(mount + "/cgroup.subtree_control"), ' ')) {
    std::error_code ignored;
    for (const auto& item : fs::directory_iterator(mount, ignored))
      if (item.is_directory(ignored)) children_.push_back(item.path());
  }

  bool controller(const char* name) const { return contains(available_, name); }
  bool root_has(const char* file) const { return exists(mount_, file); }
  /// `unseen`: the answer where there is nothing to see.
  bool has(const char* controller_name, const char* file, bool unseen) const {
    if (!controller(controller_name)) return false;
    if (!contains(handed_down_, controller_name) || children_.empty()) return root_has(file) || unseen;
    return std::any_of(children_.begin(), children_.end(), [&](const std::string& child) { return exists(child, file); });
  }

 private:
  static std::string one_line(const std::string& path) {
    const std::string text = text_of(path);
    return text.substr(0, text.find('\n'));
  }
  static bool exists(const std::string& directory, const char* file) {
    return ::access((directory + "/" + file).c_str(), F_OK) == 0;
  }

  std::string mount_;
  std::vector<std::string> available_, handed_down_, children_;
};

void look_at_v2(Machine& machine, const std::string& mounts) {
  const V2 tree(hierarchy(mounts, ""));
  machine.memory = machine.reservation = tree.controller("memory");
  machine.swap = tree.has("memory", "memory.swap.max", true);
  machine.swappiness = machine.oom_kill_disable = machine.kernel_memory_tcp = machine.cpu_realtime = false;
  machine.cpu_shares = tree.controller("cpu");
  machine.cpu_quota = tree.has("cpu", "cpu.max", true);
  machine.cpuset = tree.controller("cpuset");
  machine.pids = tree.controller("pids");
  // blk-iocost shows itself in the root, bfq by its module.
  const bool cost = tree.has("io", "io.weight", tree.root_has("io.cost.qos"));
  const bool bfq = tree.has("io", "io.bfq.weight", ::access("/sys/module/bfq", F_OK) == 0);
  machine.io_weight = machine.io_weight_device = cost || bfq;
  machine.io_read_bps = machine.io_write_bps = machine.io_read_iops = machine.io_write_iops = tree.has("io", "io.max", true);
}

} // namespace

Machine this_machine(unsigned cgroup_version) {
  Machine machine{first_line("/sys/devices/system/cpu/online"), first_line("/sys/devices/system/node/online"), cgroup_version};
  const std::string mounts = text_of("/proc/self/mountinfo");
  cgroup_version == 2 ? look_at_v2(machine, mounts) : look_at_v1(machine, mounts);
  return machine;
}

} // namespace gantry::containers
