#include "containers/apparmor.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <mutex>

#include "base/error.hpp"
#include "base/file.hpp"
#include "containers/spec/security_options.hpp"

namespace gantry::containers {
namespace {

constexpr const char* loaded_profiles = "/sys/kernel/security/apparmor/profiles";

// Whatever a container's program needs, except to change the kernel: its /proc and /sys writes, mounts, and tracing of what is
// confined otherwise. The masks of the mounts hold as well; this one holds when they are gone.
constexpr const char* profile_text = R"(
@{PROC}=/proc/

profile gantry-default flags=(attach_disconnected,mediate_deleted) {
  network,
  capability,
  file,
  umount,
  signal (receive) peer=unconfined,
  signal (send,receive) peer=gantry-default,
  ptrace (trace,read,tracedby,readby) peer=gantry-default,
  unix,

  deny mount,
  deny @{PROC}/{kcore,kmem,mem,sysrq-trigger} rwklx,
  deny @{PROC}/[a-zA-Z]* w,
  deny @{PROC}/sys/[a-jl-zA-Z]*/** w,
  deny @{PROC}/sys/kernel/{,**} w,
  deny /sys/firmware/** rwklx,
  deny /sys/kernel/security/** rwklx,
  deny /sys/devices/virtual/powercap/** rwklx,
  deny /sys/[^f]*/** wklx,
  deny /sys/f[^s]*/** wklx,
  deny /sys/fs/[^c]*/** wklx,
  deny /sys/fs/c[^g]*/** wklx,
}
)";

bool is_loaded(const std::string& name) {
  try {
    return ("\n" + read_file(loaded_profiles)).find("\n" + name + " (") != std::string::npos;
  } catch (const Error&) {
    return false; // securityfs is not mounted: loading it once more does no harm
  }
}

/// `text` at standard input of apparmor_parser; what it says goes into `complaint`.
int run_parser(const std::string& text, std::string& complaint) {
  UniqueFd input(::memfd_create("profile", MFD_CLOEXEC)), output(::memfd_create("complaint", MFD_CLOEXEC));
  if (!input || !output || ::write(input.get(), text.data(), text.size()) < 0) throw os_error("prepare the profile", errno);
  ::lseek(input.get(), 0, SEEK_SET);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input.get(), 0);
  ::posix_spawn_file_actions_adddup2(&actions, output.get(), 1);
  ::posix_spawn_file_actions_adddup2(&actions, output.get(), 2);
  const char* argv[] = {"apparmor_parser", "-Kr", nullptr};
  const char* env[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", nullptr};
  pid_t pid = 0;
  int failed = ENOENT;
  for (const char* path : {"/sbin/apparmor_parser", "/usr/sbin/apparmor_parser"}) {
    failed = ::posix_spawn(&pid, path, &actions, nullptr, const_cast<char**>(argv), const_cast<char**>(env));
    if (!failed) break;
  }
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed) {
    complaint = std::string("run apparmor_parser: ") + std::strerror(failed);
    return -1;
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  char said[1024];
  const ssize_t n = ::pread(output.get(), said, sizeof said, 0);
  complaint.assign(said, n > 0 ? static_cast<std::size_t>(n) : 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

} // namespace

std::string apparmor_profile_for(const HostConfig& config, bool enabled) {
  if (!enabled) return "";
  const std::string wanted = parse_security_options(config.security_opt).apparmor;
  if (!wanted.empty()) return wanted;
  return config.privileged ? "unconfined" : default_apparmor_profile;
}

void load_default_apparmor_profile() {
  static std::mutex guard;
  const std::lock_guard lock(guard);
  if (is_loaded(default_apparmor_profile)) return;
  std::string complaint;
  if (run_parser(profile_text, complaint) == 0) return;
  throw unavailable(std::string("AppArmor enabled on system but the ") + default_apparmor_profile +
                    " profile could not be loaded: " + complaint);
}

} // namespace gantry::containers
