#include "containers/grantable_ulimits.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <map>

#include "base/log.hpp"
#include "containers/capabilities.hpp"

namespace gantry::containers {
namespace {

std::optional<std::int64_t> own_hard_limit(const std::string& name) {
  static const std::map<std::string, __rlimit_resource> resources{
      {"as", RLIMIT_AS},           {"core", RLIMIT_CORE},         {"cpu", RLIMIT_CPU},
      {"data", RLIMIT_DATA},       {"fsize", RLIMIT_FSIZE},       {"locks", RLIMIT_LOCKS},
      {"memlock", RLIMIT_MEMLOCK}, {"msgqueue", RLIMIT_MSGQUEUE}, {"nice", RLIMIT_NICE},
      {"nofile", RLIMIT_NOFILE},   {"nproc", RLIMIT_NPROC},       {"rss", RLIMIT_RSS},
      {"rtprio", RLIMIT_RTPRIO},   {"rttime", RLIMIT_RTTIME},     {"sigpending", RLIMIT_SIGPENDING},
      {"stack", RLIMIT_STACK}};
  const auto found = resources.find(name);
  rlimit limit{};
  if (found == resources.end() || ::getrlimit(found->second, &limit) != 0 || limit.rlim_max == RLIM_INFINITY) return std::nullopt;
  return static_cast<std::int64_t>(limit.rlim_max);
}

bool above(std::int64_t wanted, std::int64_t limit) { return wanted < 0 || wanted > limit; }

} // namespace

std::vector<Ulimit> capped_ulimits(std::vector<Ulimit> defaults,
                                   const std::function<std::optional<std::int64_t>(const std::string&)>& own_hard) {
  for (Ulimit& each : defaults) {
    const auto most = own_hard(each.name);
    if (!most || !above(each.hard, *most)) continue;
    log::warn("default-ulimits: " + each.name + " is capped at " + std::to_string(*most) +
              ", the daemon's own hard limit, which it may not exceed without CAP_SYS_RESOURCE");
    each.hard = *most;
    if (above(each.soft, *most)) each.soft = *most;
  }
  return defaults;
}

std::vector<Ulimit> grantable_ulimits(std::vector<Ulimit> defaults) {
  const auto& held = daemon_capabilities();
  if (std::find(held.begin(), held.end(), "CAP_SYS_RESOURCE") != held.end()) return defaults;
  return capped_ulimits(std::move(defaults), own_hard_limit);
}

} // namespace gantry::containers
