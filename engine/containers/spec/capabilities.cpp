#include "containers/spec/capabilities.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "base/error.hpp"

namespace gantry::containers {
namespace {

constexpr std::array<std::string_view, 14> default_capabilities = {
    "CAP_CHOWN",  "CAP_DAC_OVERRIDE", "CAP_FSETID",  "CAP_FOWNER",           "CAP_MKNOD",      "CAP_NET_RAW", "CAP_SETGID",
    "CAP_SETUID", "CAP_SETFCAP",      "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL",    "CAP_AUDIT_WRITE"};

// By number, capabilities(7).
constexpr std::array<std::string_view, 41> known_capabilities = {"CAP_CHOWN",
                                                                 "CAP_DAC_OVERRIDE",
                                                                 "CAP_DAC_READ_SEARCH",
                                                                 "CAP_FOWNER",
                                                                 "CAP_FSETID",
                                                                 "CAP_KILL",
                                                                 "CAP_SETGID",
                                                                 "CAP_SETUID",
                                                                 "CAP_SETPCAP",
                                                                 "CAP_LINUX_IMMUTABLE",
                                                                 "CAP_NET_BIND_SERVICE",
                                                                 "CAP_NET_BROADCAST",
                                                                 "CAP_NET_ADMIN",
                                                                 "CAP_NET_RAW",
                                                                 "CAP_IPC_LOCK",
                                                                 "CAP_IPC_OWNER",
                                                                 "CAP_SYS_MODULE",
                                                                 "CAP_SYS_RAWIO",
                                                                 "CAP_SYS_CHROOT",
                                                                 "CAP_SYS_PTRACE",
                                                                 "CAP_SYS_PACCT",
                                                                 "CAP_SYS_ADMIN",
                                                                 "CAP_SYS_BOOT",
                                                                 "CAP_SYS_NICE",
                                                                 "CAP_SYS_RESOURCE",
                                                                 "CAP_SYS_TIME",
                                                                 "CAP_SYS_TTY_CONFIG",
                                                                 "CAP_MKNOD",
                                                                 "CAP_LEASE",
                                                                 "CAP_AUDIT_WRITE",
                                                                 "CAP_AUDIT_CONTROL",
                                                                 "CAP_SETFCAP",
                                                                 "CAP_MAC_OVERRIDE",
                                                                 "CAP_MAC_ADMIN",
                                                                 "CAP_SYSLOG",
                                                                 "CAP_WAKE_ALARM",
                                                                 "CAP_BLOCK_SUSPEND",
                                                                 "CAP_AUDIT_READ",
                                                                 "CAP_PERFMON",
                                                                 "CAP_BPF",
                                                                 "CAP_CHECKPOINT_RESTORE"};

constexpr std::string_view all = "ALL";

template <class Range>
bool holds(const Range& range, std::string_view name) {
  return std::find(range.begin(), range.end(), name) != range.end();
}

/// Upper case with the prefix; "ALL" stays as it is.
std::vector<std::string> normalise(const StringList& names, const char* member) {
  std::vector<std::string> result;
  for (std::string name : names) {
    for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    if (name != all) {
      if (!name.starts_with("CAP_")) name.insert(0, "CAP_");
      if (!holds(known_capabilities, name))
        throw invalid("invalid " + std::string(member) + ": unknown capability: \"" + name + "\"");
    }
    result.push_back(std::move(name));
  }
  return result;
}

void check_available(const std::vector<std::string>& added, const std::vector<std::string>& available) {
  for (const auto& name : added) {
    if (name != all && !holds(available, name)) {
      throw invalid("invalid CapAdd: capability not supported by your kernel or not available in the current environment: \"" +
                    name + "\"");
    }
  }
}

} // namespace

std::span<const std::string_view> capability_names() { return known_capabilities; }

std::vector<std::string> container_capabilities(const HostConfig& host, const SpecContext& context) {
  const auto added = normalise(host.cap_add, "CapAdd");
  const auto dropped = normalise(host.cap_drop, "CapDrop");
  if (host.privileged) return context.available_capabilities;
  check_available(added, context.available_capabilities);

  std::vector<std::string> result;
  if (holds(added, all)) {
    result = context.available_capabilities;
  } else if (!holds(dropped, all)) {
    result.assign(default_capabilities.begin(), default_capabilities.end());
  }
  std::erase_if(result, [&](const std::string& name) { return holds(dropped, name); });
  for (const auto& name : added) {
    if (name != all && !holds(result, name)) result.push_back(name);
  }
  return result;
}

} // namespace gantry::containers
