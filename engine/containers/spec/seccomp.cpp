#include "containers/spec/seccomp.hpp"

#include <sys/utsname.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <sstream>

#include "containers/spec/seccomp_table.hpp"

namespace gantry::containers {
namespace {

bool holds(const std::vector<std::string>& capabilities, std::string_view name) {
  return std::find(capabilities.begin(), capabilities.end(), name) != capabilities.end();
}

std::vector<std::string> words(std::string_view text) {
  std::istringstream stream{std::string(text)};
  std::vector<std::string> result;
  for (std::string word; stream >> word;) result.push_back(word);
  return result;
}

std::string machine() {
  utsname name{};
  ::uname(&name);
  return name.machine;
}

Json architectures(const std::string& machine_name) {
  if (machine_name == "x86_64") return {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"};
  if (machine_name == "aarch64") return {"SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"};
  if (machine_name == "s390x") return {"SCMP_ARCH_S390X", "SCMP_ARCH_S390"};
  if (machine_name == "riscv64") return Json::array({"SCMP_ARCH_RISCV64"});
  if (machine_name == "ppc64le") return Json::array({"SCMP_ARCH_PPC64LE"});
  return Json::array();
}

bool applies(const SyscallRule& rule, const std::vector<std::string>& capabilities, const std::string& machine_name) {
  if (!rule.needs.empty() && !holds(capabilities, rule.needs)) return false;
  if (!rule.unless.empty() && holds(capabilities, rule.unless)) return false;
  return rule.architectures.empty() || holds(words(rule.architectures), machine_name);
}

Json to_json(const SyscallRule& rule) {
  Json json{{"names", words(rule.names)}, {"action", rule.refused_with ? "SCMP_ACT_ERRNO" : "SCMP_ACT_ALLOW"}};
  if (rule.refused_with) json["errnoRet"] = rule.refused_with;
  if (rule.argument) {
    const auto& [index, op, value, value_two] = *rule.argument;
    json["args"] = Json::array({{{"index", index}, {"value", value}, {"valueTwo", value_two}, {"op", op}}});
  }
  return json;
}

Json build_default(const std::vector<std::string>& capabilities) {
  const std::string machine_name = machine();
  Json calls = Json::array();
  for (const auto& rule : seccomp_rules()) {
    if (applies(rule, capabilities, machine_name)) calls.push_back(to_json(rule));
  }
  return {{"defaultAction", "SCMP_ACT_ERRNO"},
          {"defaultErrnoRet", 1},
          {"architectures", architectures(machine_name)},
          {"syscalls", std::move(calls)}};
}

} // namespace

Json default_seccomp(const std::vector<std::string>& capabilities) {
  static std::mutex guard;
  static std::map<std::vector<std::string>, Json> cache;
  constexpr std::size_t cache_limit = 32; // capability sets are few; a client that tries them all gains nothing
  std::vector<std::string> key = capabilities;
  std::sort(key.begin(), key.end());
  std::lock_guard lock(guard);
  const auto found = cache.find(key);
  if (found != cache.end()) return found->second;
  if (cache.size() >= cache_limit) cache.clear();
  return cache.emplace(key, build_default(key)).first->second;
}

Json seccomp_for(const std::string& option, const std::vector<std::string>& capabilities) {
  if (option == "unconfined") return nullptr;
  if (option.empty() || option == "builtin") return default_seccomp(capabilities);
  return resolve_seccomp_profile(option, capabilities);
}

} // namespace gantry::containers
