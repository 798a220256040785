#include "init/id_maps.hpp"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <cstdio>

#include "init/report.hpp"

namespace gantry::runtime_linux::init {
namespace {

constexpr std::uint32_t overflow_id = 65534;

std::uint32_t host_id(const PlanView& plan, Slice map, std::uint32_t id) {
  for (const PlanIdMap& range : plan.array<PlanIdMap>(map))
    if (id >= range.container_id && id - range.container_id < range.size) return range.host_id + (id - range.container_id);
  return overflow_id;
}

int write_map(int pid, const char* name, const PlanView& plan, Slice map) {
  char path[64];
  std::snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  char text[8192];
  std::size_t size = 0;
  for (const PlanIdMap& range : plan.array<PlanIdMap>(map)) {
    if (size + 48 > sizeof text) return E2BIG;
    size += static_cast<std::size_t>(std::snprintf(text + size, 48, "%u %u %u\n", range.container_id, range.host_id, range.size));
  }
  const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return errno;
  const int err = ::write(fd, text, size) < 0 ? errno : 0;
  ::close(fd);
  return err;
}

/// A process that makes the namespace, and is gone.
int make_id_mapping(const PlanView& plan) {
  clone_args args{};
  args.flags = CLONE_NEWUSER;
  args.exit_signal = SIGCHLD;
  const long pid = ::syscall(SYS_clone3, &args, sizeof args);
  if (pid < 0) fail(errno, "create a user namespace");
  if (pid == 0)
    for (;;) ::pause();
  const int err = write_id_maps(plan, static_cast<int>(pid));
  char path[64];
  std::snprintf(path, sizeof path, "/proc/%ld/ns/user", pid);
  const int fd = err ? -1 : ::open(path, O_RDONLY | O_CLOEXEC);
  const int open_error = errno;
  ::kill(static_cast<pid_t>(pid), SIGKILL);
  ::waitpid(static_cast<pid_t>(pid), nullptr, 0);
  if (err) fail(err, "write the id maps of the container's user namespace");
  if (fd < 0) fail(open_error, "open the container's user namespace");
  return fd;
}

} // namespace

bool has_id_maps(const PlanView& plan) { return !plan.array<PlanIdMap>(plan->uid_map).empty(); }

std::uint32_t host_uid(const PlanView& plan, std::uint32_t id) { return host_id(plan, plan->uid_map, id); }
std::uint32_t host_gid(const PlanView& plan, std::uint32_t id) { return host_id(plan, plan->gid_map, id); }

int write_id_maps(const PlanView& plan, int pid) {
  const int err = write_map(pid, "uid_map", plan, plan->uid_map);
  return err ? err : write_map(pid, "gid_map", plan, plan->gid_map);
}

int open_id_mapping(const PlanView& plan) {
  for (const PlanNamespacePath& entry : plan.array<PlanNamespacePath>(plan->joined_namespaces)) {
    if (entry.type != CLONE_NEWUSER) continue;
    const int fd = ::open(plan.string(entry.path), O_RDONLY | O_CLOEXEC);
    if (fd < 0) fail(errno, "open namespace %s", plan.string(entry.path));
    return fd;
  }
  return make_id_mapping(plan);
}

} // namespace gantry::runtime_linux::init
