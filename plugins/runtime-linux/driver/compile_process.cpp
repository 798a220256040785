#include <sys/resource.h>
#include <gantry/sdk/capabilities.hpp>
#include <map>

#include "driver/compile_plan.hpp"
#include "driver/seccomp_filter.hpp"

namespace gantry::runtime_linux {
namespace {

std::uint32_t rlimit_number(const std::string& name) {
  static const std::map<std::string, std::uint32_t> names{
      {"RLIMIT_AS", RLIMIT_AS},           {"RLIMIT_CORE", RLIMIT_CORE},         {"RLIMIT_CPU", RLIMIT_CPU},
      {"RLIMIT_DATA", RLIMIT_DATA},       {"RLIMIT_FSIZE", RLIMIT_FSIZE},       {"RLIMIT_LOCKS", RLIMIT_LOCKS},
      {"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK}, {"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE}, {"RLIMIT_NICE", RLIMIT_NICE},
      {"RLIMIT_NOFILE", RLIMIT_NOFILE},   {"RLIMIT_NPROC", RLIMIT_NPROC},       {"RLIMIT_RSS", RLIMIT_RSS},
      {"RLIMIT_RTPRIO", RLIMIT_RTPRIO},   {"RLIMIT_RTTIME", RLIMIT_RTTIME},     {"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
      {"RLIMIT_STACK", RLIMIT_STACK}};
  const auto found = names.find(name);
  if (found == names.end()) throw Error(Code::invalid, "unknown rlimit \"" + name + "\"");
  return found->second;
}

std::vector<PlanRlimit> compile_rlimits(const Json& process) {
  std::vector<PlanRlimit> limits;
  if (!process.contains("rlimits") || process["rlimits"].is_null()) return limits;
  for (const Json& each : process["rlimits"])
    limits.push_back(
        {rlimit_number(each.at("type")), 0, each.at("soft").get<std::uint64_t>(), each.at("hard").get<std::uint64_t>()});
  return limits;
}

void compile_capabilities(PlanProcess& out, const Json& process) {
  if (!process.contains("capabilities") || process["capabilities"].is_null()) return;
  const Json& sets = process["capabilities"];
  const auto bits = [&sets](const char* set) { return sets.contains(set) ? capability_bits(sets[set]) : 0; };
  out.has_capabilities = 1;
  out.bounding = bits("bounding");
  out.effective = bits("effective");
  out.inheritable = bits("inheritable");
  out.permitted = bits("permitted");
  out.ambient = bits("ambient");
}

std::vector<std::string> string_list(const Json& object, const char* name) {
  if (!object.contains(name) || object[name].is_null()) return {};
  return object[name].get<std::vector<std::string>>();
}

} // namespace

std::uint64_t capability_bits(const Json& names) {
  std::uint64_t bits = 0;
  if (names.is_null()) return bits;
  for (const Json& each : names) {
    const auto name = each.get<std::string>();
    std::size_t number = 0;
    while (number < linux_capabilities.size() && name != linux_capabilities[number]) ++number;
    if (number == linux_capabilities.size()) throw Error(Code::invalid, "unknown capability \"" + name + "\"");
    bits |= std::uint64_t{1} << number;
  }
  return bits;
}

void compile_process(PlanWriter& plan, const Json& process, const Json& seccomp, const std::string& user,
                     const std::vector<std::string>& groups, const StdioPolicy& stdio) {
  PlanProcess& out = plan.head().process;
  out.args = plan.strings(string_list(process, "args"));
  out.env = plan.strings(string_list(process, "env"));
  out.cwd = plan.string(process.value("cwd", "/"));
  out.user = plan.string(user);
  out.groups = plan.strings(groups);
  if (process.contains("user")) {
    const Json& spec_user = process["user"];
    out.uid = spec_user.value("uid", 0U);
    out.gid = spec_user.value("gid", 0U);
    out.umask = spec_user.value("umask", 022U);
    if (spec_user.contains("additionalGids"))
      out.additional_gids = plan.array(spec_user["additionalGids"].get<std::vector<std::uint32_t>>());
  }
  out.rlimits = plan.array(compile_rlimits(process));
  compile_capabilities(out, process);
  if (!seccomp.is_null()) {
    const SeccompFilter& filter = compile_seccomp(seccomp);
    out.seccomp = plan.array(filter.program);
    out.seccomp_flags = filter.flags;
  }
  out.apparmor = plan.string(process.value("apparmorProfile", ""));
  out.selinux = plan.string(process.value("selinuxLabel", ""));
  out.no_new_privileges = process.value("noNewPrivileges", false);
  if (process.contains("oomScoreAdj") && process["oomScoreAdj"].is_number()) {
    out.has_oom_score_adj = 1;
    out.oom_score_adj = process["oomScoreAdj"].get<std::int32_t>();
  }
  out.stdio = {stdio.tty, stdio.open_stdin, stdio.stdin_once, stdio.rows, stdio.cols};
}

} // namespace gantry::runtime_linux
