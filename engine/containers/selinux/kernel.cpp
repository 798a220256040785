#include "containers/selinux/kernel.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <map>
#include <sstream>

#include <gantry/sdk/fd.hpp>

#include "base/error.hpp"
#include "base/file.hpp"
#include "containers/selinux/context.hpp"

namespace gantry::containers::selinux {
namespace {

constexpr const char* selinuxfs = "/sys/fs/selinux";

std::string kernel_text(const std::string& path) {
  try {
    return read_file(path, 64 << 10);
  } catch (const Error&) {
    return "";
  }
}

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\""), last = text.find_last_not_of(" \t\r\"");
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

/// "key = value" and "key = "value"" lines; '#' and ';' begin comments.
std::map<std::string, std::string> read_settings(const std::string& text) {
  std::map<std::string, std::string> settings;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::string plain = trimmed(line);
    const std::size_t equals = line.find('=');
    if (plain.empty() || plain[0] == '#' || plain[0] == ';' || equals == std::string::npos) continue;
    settings[trimmed(line.substr(0, equals))] = trimmed(line.substr(equals + 1));
  }
  return settings;
}

/// The policy's own check of a context (selinuxfs "context").
bool is_valid(const std::string& context) {
  const UniqueFd fd(::open((std::string(selinuxfs) + "/context").c_str(), O_RDWR | O_CLOEXEC));
  return fd && ::write(fd.get(), context.c_str(), context.size() + 1) >= 0;
}

bool is_usable(const Policy& policy) { return policy.enabled() && is_valid(policy.process) && is_valid(policy.file); }

} // namespace

bool kernel_has_policy() {
  struct statfs where {};
  struct statvfs how {};
  if (::statfs(selinuxfs, &where) != 0 || where.f_type != SELINUX_MAGIC) return false;
  // systemd-nspawn and others mount it read-only to say: not for you.
  if (::statvfs(selinuxfs, &how) != 0 || (how.f_flag & ST_RDONLY) != 0) return false;
  const std::string own = kernel_text("/proc/thread-self/attr/current");
  return !own.empty() && std::string(own.c_str()) != "kernel"; // the context of everything before a policy is loaded
}

Policy read_contexts(const ContextFiles& files) {
  std::string text = kernel_text(files.own);
  if (text.empty()) {
    const auto config = read_settings(kernel_text(files.selinux_root + "/config"));
    const auto type = config.find("SELINUXTYPE");
    if (type == config.end()) return {};
    text = kernel_text(files.selinux_root + "/" + type->second + "/contexts/lxc_contexts");
  }
  auto settings = read_settings(text);
  Policy policy{settings["process"], settings["file"]};
  const bool whole = parse_context(policy.process) && parse_context(policy.file);
  return whole ? policy : Policy{};
}

Policy find_policy(const ContextFiles& files) {
  if (!kernel_has_policy()) return {};
  const Policy written = read_contexts(files);
  if (is_usable(written)) return written;
  for (const char* level : {":s0", ""}) {
    const Policy usual{std::string("system_u:system_r:container_t") + level,
                       std::string("system_u:object_r:container_file_t") + level};
    if (is_usable(usual)) return usual;
  }
  return {};
}

} // namespace gantry::containers::selinux
