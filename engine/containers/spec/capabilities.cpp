#include "containers/spec/capabilities.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include <gantry/sdk/capabilities.hpp>

#include "base/error.hpp"

namespace gantry::containers {
namespace {

constexpr std::array<std::string_view, 14> default_capabilities = {
    "CAP_CHOWN",  "CAP_DAC_OVERRIDE", "CAP_FSETID",  "CAP_FOWNER",           "CAP_MKNOD",      "CAP_NET_RAW", "CAP_SETGID",
    "CAP_SETUID", "CAP_SETFCAP",      "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL",    "CAP_AUDIT_WRITE"};

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
      if (!holds(linux_capabilities, name))
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

std::span<const std::string_view> capability_names() { return linux_capabilities; }

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
