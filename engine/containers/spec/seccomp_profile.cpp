#include <sys/utsname.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "containers/spec/seccomp.hpp"

// A user's seccomp profile. Docker's format is OCI's with three additions: archMap in place of architectures, name beside
// names, and includes/excludes, which depend on the container's capabilities, the machine and the kernel.
namespace gantry::containers {
namespace {

constexpr std::size_t size_limit = 4 << 20;
constexpr int depth_limit = 16;

/// What a profile may depend on.
struct Situation {
  const std::vector<std::string>& capabilities;
  std::string architecture; ///< in Go's words, as profiles have it
  std::string native;       ///< in libseccomp's
  int kernel_major = 0, kernel_minor = 0;
};

Situation this_machine_with(const std::vector<std::string>& capabilities) {
  utsname name{};
  ::uname(&name);
  Situation situation{capabilities, name.machine, "", 0, 0};
  std::sscanf(name.release, "%d.%d", &situation.kernel_major, &situation.kernel_minor);
  static constexpr const char* names[][3] = {
      {"x86_64", "amd64", "SCMP_ARCH_X86_64"},     {"aarch64", "arm64", "SCMP_ARCH_AARCH64"},
      {"armv7l", "arm", "SCMP_ARCH_ARM"},          {"i686", "386", "SCMP_ARCH_X86"},
      {"ppc64le", "ppc64le", "SCMP_ARCH_PPC64LE"}, {"riscv64", "riscv64", "SCMP_ARCH_RISCV64"},
      {"s390x", "s390x", "SCMP_ARCH_S390X"}};
  for (const auto& [machine, architecture, native] : names) {
    if (situation.architecture != machine) continue;
    situation.architecture = architecture;
    situation.native = native;
    break;
  }
  return situation;
}

Error bad_profile(const std::string& what) { return invalid("Decoding seccomp profile failed: " + what); }

/// The member as a list of strings; empty when absent or null.
std::vector<std::string> strings(const Json& object, const char* member) {
  const auto found = object.find(member);
  if (found == object.end() || found->is_null()) return {};
  const auto is_text = [](const Json& item) { return item.is_string(); };
  if (!found->is_array() || !std::all_of(found->begin(), found->end(), is_text)) {
    throw bad_profile("\"" + std::string(member) + "\" must be a list of strings");
  }
  return found->get<std::vector<std::string>>();
}

bool lists(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

bool kernel_at_least(const Situation& situation, const Json& condition) {
  int major = 0, minor = 0;
  const auto found = condition.find("minKernel");
  if (found == condition.end()) return true;
  if (!found->is_string() || std::sscanf(found->get<std::string>().c_str(), "%d.%d", &major, &minor) != 2) {
    throw bad_profile("\"minKernel\" must be a version such as \"4.8\"");
  }
  return std::pair(situation.kernel_major, situation.kernel_minor) >= std::pair(major, minor);
}

Json condition(const Json& rule, const char* member) {
  const auto found = rule.find(member);
  if (found == rule.end() || found->is_null()) return Json::object();
  if (!found->is_object()) throw bad_profile("\"" + std::string(member) + "\" must be an object");
  return *found;
}

bool is_included(const Json& rule, const Situation& situation) {
  const Json includes = condition(rule, "includes");
  const auto architectures = strings(includes, "arches");
  if (!architectures.empty() && !lists(architectures, situation.architecture)) return false;
  for (const auto& name : strings(includes, "caps")) {
    if (!lists(situation.capabilities, name)) return false;
  }
  return kernel_at_least(situation, includes);
}

bool is_excluded(const Json& rule, const Situation& situation) {
  const Json excludes = condition(rule, "excludes");
  if (lists(strings(excludes, "arches"), situation.architecture)) return true;
  for (const auto& name : strings(excludes, "caps")) {
    if (lists(situation.capabilities, name)) return true;
  }
  return excludes.contains("minKernel") && kernel_at_least(situation, excludes);
}

/// Only what is known goes into the spec: a client's nesting would end up in a recursion.
std::optional<std::uint64_t> whole_number(const Json& object, const char* member) {
  const auto found = object.find(member);
  if (found == object.end() || found->is_null()) return std::nullopt;
  if (!found->is_number_unsigned()) throw bad_profile("\"" + std::string(member) + "\" must be a whole number");
  return found->get<std::uint64_t>();
}

Json resolve_arguments(const Json& rule) {
  const auto found = rule.find("args");
  Json arguments = Json::array();
  if (found == rule.end() || found->is_null()) return arguments;
  if (!found->is_array()) throw bad_profile("\"args\" must be a list");
  for (const auto& each : *found) {
    const Json op = each.is_object() ? each.value("op", Json()) : Json();
    if (!op.is_string()) throw bad_profile("an entry of \"args\" has no \"op\"");
    const std::uint64_t index = whole_number(each, "index").value_or(0);
    if (index > 5) throw bad_profile("\"index\" of \"args\" must be from 0 to 5");
    arguments.push_back({{"index", index},
                         {"value", whole_number(each, "value").value_or(0)},
                         {"valueTwo", whole_number(each, "valueTwo").value_or(0)},
                         {"op", op}});
  }
  return arguments;
}

Json resolve_rule(const Json& rule) {
  std::vector<std::string> names = strings(rule, "names");
  const Json name = rule.value("name", Json(""));
  if (name.is_string() && !name.get<std::string>().empty()) {
    if (!names.empty())
      throw bad_profile("'name' and 'names' were specified in the seccomp profile, use either 'name' or 'names'");
    names.push_back(name.get<std::string>());
  }
  const Json action = rule.value("action", Json());
  if (!action.is_string()) throw bad_profile("a rule of \"syscalls\" has no \"action\"");
  Json resolved{{"names", names}, {"action", action}};
  if (const auto code = whole_number(rule, "errnoRet")) resolved["errnoRet"] = *code;
  if (Json arguments = resolve_arguments(rule); !arguments.empty()) resolved["args"] = std::move(arguments);
  return resolved;
}

Json resolve_architectures(const Json& profile, const Situation& situation) {
  const auto listed = strings(profile, "architectures");
  const Json map = profile.value("archMap", Json::array());
  if (!listed.empty() && !map.empty()) {
    throw bad_profile(
        "'architectures' and 'archMap' were specified in the seccomp profile, use either 'architectures' or 'archMap'");
  }
  if (!listed.empty()) return listed;
  Json result = Json::array();
  for (const auto& entry : map) {
    if (!entry.is_object() || entry.value("architecture", Json()) != situation.native) continue;
    result.push_back(situation.native);
    for (const auto& name : strings(entry, "subArchitectures")) result.push_back(name);
  }
  return result;
}

} // namespace

Json resolve_seccomp_profile(const std::string& text, const std::vector<std::string>& capabilities) {
  if (text.size() > size_limit) throw bad_profile("it is larger than 4 MiB");
  Json profile;
  try {
    profile = Json::parse(text, [](int depth, Json::parse_event_t, Json&) {
      if (depth > depth_limit) throw bad_profile("it is nested too deeply");
      return true;
    });
  } catch (const Json::exception& error) {
    throw bad_profile(error.what());
  }
  if (!profile.is_object()) throw bad_profile("it must be a JSON object");
  const Json action = profile.value("defaultAction", Json());
  if (action.is_null()) return nullptr; // Docker takes an empty profile for none
  if (!action.is_string()) throw bad_profile("\"defaultAction\" must be a string");

  const Situation situation = this_machine_with(capabilities);
  Json resolved{{"defaultAction", action}};
  if (const auto code = whole_number(profile, "defaultErrnoRet")) resolved["defaultErrnoRet"] = *code;
  resolved["architectures"] = resolve_architectures(profile, situation);
  if (const auto flags = strings(profile, "flags"); !flags.empty()) resolved["flags"] = flags;
  for (const char* member : {"listenerPath", "listenerMetadata"}) {
    if (profile.contains(member) && profile[member].is_string()) resolved[member] = profile[member];
  }
  const Json rules = profile.value("syscalls", Json::array());
  if (!rules.is_array() && !rules.is_null()) throw bad_profile("\"syscalls\" must be a list");
  resolved["syscalls"] = Json::array();
  for (const auto& rule : rules) {
    if (!rule.is_object()) throw bad_profile("\"syscalls\" must hold objects");
    if (is_included(rule, situation) && !is_excluded(rule, situation)) resolved["syscalls"].push_back(resolve_rule(rule));
  }
  return resolved;
}

} // namespace gantry::containers
