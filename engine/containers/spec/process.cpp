#include "containers/spec/process.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>

#include "base/error.hpp"
#include "base/id.hpp"
#include "containers/apparmor.hpp"
#include "containers/spec/capabilities.hpp"
#include "containers/spec/security_options.hpp"

namespace gantry::containers {
namespace {

constexpr const char* default_path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr std::array<std::string_view, 16> limits = {"AS",      "CORE",     "CPU",        "DATA",   "FSIZE", "LOCKS",
                                                     "MEMLOCK", "MSGQUEUE", "NICE",       "NOFILE", "NPROC", "RSS",
                                                     "RTPRIO",  "RTTIME",   "SIGPENDING", "STACK"};

std::string_view name_of(std::string_view variable) { return variable.substr(0, variable.find('=')); }

/// -1 is "unlimited".
std::uint64_t limit_value(std::int64_t value) {
  return value < 0 ? std::numeric_limits<std::uint64_t>::max() : static_cast<std::uint64_t>(value);
}

void add_limit(Json& list, const Ulimit& ulimit) {
  std::string name = ulimit.name;
  for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (std::find(limits.begin(), limits.end(), name) == limits.end()) throw invalid("wrong rlimit value: RLIMIT_" + name);
  const std::uint64_t hard = limit_value(ulimit.hard), soft = limit_value(ulimit.soft);
  if (soft > hard) {
    throw invalid("ulimit soft limit must be less than or equal to hard limit: " + std::to_string(ulimit.soft) + " > " +
                  std::to_string(ulimit.hard));
  }
  list.push_back({{"type", "RLIMIT_" + name}, {"hard", hard}, {"soft", soft}});
}

Json make_limits(const std::vector<Ulimit>& own, const std::vector<Ulimit>& defaults) {
  Json list = Json::array();
  for (const auto& ulimit : own) add_limit(list, ulimit);
  for (const auto& ulimit : defaults) {
    const bool set = std::any_of(own.begin(), own.end(), [&](const Ulimit& other) { return other.name == ulimit.name; });
    if (!set) add_limit(list, ulimit);
  }
  return list;
}

/// Not inheritable, not ambient: a program of another user's gets what its file says.
Json make_capabilities(const std::vector<std::string>& names) {
  return {{"bounding", names}, {"effective", names}, {"permitted", names}};
}

struct ProcessParts {
  StringList args, env;
  std::string cwd;
  bool tty = false, privileged = false;
};

Json make_common(const Container& container, const SpecContext& context, ProcessParts parts) {
  const SecurityOptions security = parse_security_options(container.host_config.security_opt);
  const bool all = parts.privileged;
  Json process{{"terminal", parts.tty},
               {"user", {{"uid", 0}, {"gid", 0}}},
               {"args", std::move(parts.args)},
               {"env", std::move(parts.env)},
               {"cwd", std::move(parts.cwd)},
               {"capabilities",
                make_capabilities(all ? context.available_capabilities : container_capabilities(container.host_config, context))},
               {"rlimits", make_limits(container.host_config.resources.ulimits, context.default_ulimits)},
               {"oomScoreAdj", container.host_config.oom_score_adj}};
  if (security.no_new_privileges.value_or(context.no_new_privileges)) process["noNewPrivileges"] = true;
  // An exec with all capabilities stays confined, as in Docker.
  const std::string profile = apparmor_profile_for(container.host_config, context.apparmor);
  if (!profile.empty() && profile != "unconfined") process["apparmorProfile"] = profile;
  if (context.selinux && !container.process_label.empty()) process["selinuxLabel"] = container.process_label;
  return process;
}

std::string working_dir(const Container& container) {
  return container.config.working_dir.empty() ? "/" : container.config.working_dir;
}

} // namespace

std::string container_hostname(const Container& container) {
  const bool hosts_name = container.host_config.uts_mode == "host" || container.host_config.network_mode == "host";
  if (!container.config.hostname.empty()) return container.config.hostname;
  if (!hosts_name) return short_id(container.id);
  char name[256] = {};
  ::gethostname(name, sizeof name - 1);
  return name;
}

void merge_environment(StringList& base, const StringList& changes) {
  for (const auto& change : changes) {
    const auto same = [&](const std::string& variable) { return name_of(variable) == name_of(change); };
    const auto found = std::find_if(base.begin(), base.end(), same);
    if (change.find('=') == std::string::npos) {
      std::erase_if(base, same);
    } else if (found == base.end()) {
      base.push_back(change);
    } else {
      *found = change;
    }
  }
}

StringList make_environment(const Container& container, bool tty) {
  StringList env = {default_path, "HOSTNAME=" + container_hostname(container)};
  if (tty) env.emplace_back("TERM=xterm");
  merge_environment(env, container.config.env);
  return env;
}

bool wants_init(const Container& container, const SpecContext& context) {
  return container.host_config.init.value_or(false) && container.host_config.pid_mode.empty() && !context.init_path.empty();
}

Json make_process(const Container& container, const SpecContext& context) {
  StringList args;
  if (wants_init(container, context)) args = {"/sbin/docker-init", "--"};
  args.push_back(container.path);
  args.insert(args.end(), container.args.begin(), container.args.end());
  return make_common(container, context,
                     {std::move(args), make_environment(container, container.config.tty), working_dir(container),
                      container.config.tty, container.host_config.privileged});
}

Json make_exec_process(const Container& container, const SpecContext& context, const StringList& cmd, const StringList& env,
                       const std::string& cwd, bool tty, bool privileged) {
  StringList merged = make_environment(container, tty);
  merge_environment(merged, env);
  return make_common(
      container, context,
      {cmd, std::move(merged), cwd.empty() ? working_dir(container) : cwd, tty, privileged || container.host_config.privileged});
}

} // namespace gantry::containers
