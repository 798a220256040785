#include "driver/seccomp_filter.hpp"

#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cerrno>
#include <gantry/sdk/error.hpp>
#include <gantry/sdk/fd.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace gantry::runtime_linux {
namespace {

using Json = nlohmann::json;
using Context = std::unique_ptr<void, decltype(&seccomp_release)>;

std::uint32_t action_of(const std::string& name, const Json& error) {
  const std::uint32_t code = error.is_number() ? error.get<std::uint32_t>() : EPERM;
  if (name == "SCMP_ACT_ALLOW") return SCMP_ACT_ALLOW;
  if (name == "SCMP_ACT_ERRNO") return SCMP_ACT_ERRNO(code);
  if (name == "SCMP_ACT_KILL" || name == "SCMP_ACT_KILL_THREAD") return SCMP_ACT_KILL_THREAD;
  if (name == "SCMP_ACT_KILL_PROCESS") return SCMP_ACT_KILL_PROCESS;
  if (name == "SCMP_ACT_TRAP") return SCMP_ACT_TRAP;
  if (name == "SCMP_ACT_TRACE") return SCMP_ACT_TRACE(code);
  if (name == "SCMP_ACT_LOG") return SCMP_ACT_LOG;
  throw Error(Code::invalid, "seccomp: unknown action \"" + name + "\"");
}

scmp_compare comparison_of(const std::string& name) {
  static const std::map<std::string, scmp_compare> names{{"SCMP_CMP_NE", SCMP_CMP_NE},
                                                         {"SCMP_CMP_LT", SCMP_CMP_LT},
                                                         {"SCMP_CMP_LE", SCMP_CMP_LE},
                                                         {"SCMP_CMP_EQ", SCMP_CMP_EQ},
                                                         {"SCMP_CMP_GE", SCMP_CMP_GE},
                                                         {"SCMP_CMP_GT", SCMP_CMP_GT},
                                                         {"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ}};
  const auto found = names.find(name);
  if (found == names.end()) throw Error(Code::invalid, "seccomp: unknown comparison \"" + name + "\"");
  return found->second;
}

/// "SCMP_ARCH_X86_64" is libseccomp's "x86_64".
void add_architecture(const Context& context, const std::string& name) {
  constexpr std::string_view prefix = "SCMP_ARCH_";
  std::string plain = name.substr(name.starts_with(prefix) ? prefix.size() : 0);
  for (char& c : plain) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const std::uint32_t token = seccomp_arch_resolve_name(plain.c_str());
  if (!token) throw Error(Code::invalid, "seccomp: unknown architecture \"" + name + "\"");
  const int err = seccomp_arch_add(context.get(), token);
  if (err < 0 && err != -EEXIST) throw Error(Code::internal, "seccomp: add architecture " + name, -err);
}

std::vector<scmp_arg_cmp> arguments_of(const Json& rule) {
  std::vector<scmp_arg_cmp> arguments;
  if (!rule.contains("args") || rule["args"].is_null()) return arguments;
  for (const Json& each : rule["args"]) {
    const auto compare = comparison_of(each.at("op"));
    const auto value = each.at("value").get<std::uint64_t>();
    const auto second = each.value("valueTwo", std::uint64_t{0});
    arguments.push_back(scmp_arg_cmp{each.at("index").get<unsigned>(), compare, value, second});
  }
  return arguments;
}

/// Several conditions on one argument cannot be one libseccomp rule; OCI means any of them.
bool has_repeated_index(const std::vector<scmp_arg_cmp>& arguments) {
  unsigned seen = 0;
  for (const scmp_arg_cmp& each : arguments) {
    if (seen >> each.arg & 1) return true;
    seen |= 1U << each.arg;
  }
  return false;
}

void add_rule(const Context& context, std::uint32_t action, int number, const std::vector<scmp_arg_cmp>& arguments,
              const std::string& name) {
  const int err =
      seccomp_rule_add_array(context.get(), action, number, static_cast<unsigned>(arguments.size()), arguments.data());
  if (err < 0 && err != -EEXIST && err != -EDOM)
    throw Error(Code::invalid, "seccomp: rule for \"" + name + "\" is not possible", -err);
}

void add_rules(const Context& context, const Json& rule, std::uint32_t default_action) {
  const std::uint32_t action = action_of(rule.at("action"), rule.value("errnoRet", Json()));
  if (action == default_action) return;
  const std::vector<scmp_arg_cmp> arguments = arguments_of(rule);
  for (const Json& each : rule.at("names")) {
    const auto name = each.get<std::string>();
    const int number = seccomp_syscall_resolve_name(name.c_str());
    if (number == __NR_SCMP_ERROR) continue; // newer than this libseccomp: as if not mentioned
    if (!has_repeated_index(arguments)) {
      add_rule(context, action, number, arguments, name);
      continue;
    }
    for (const scmp_arg_cmp& argument : arguments) add_rule(context, action, number, {argument}, name);
  }
}

std::vector<sock_filter> export_program(const Context& context) {
  const UniqueFd file(::memfd_create("seccomp", MFD_CLOEXEC));
  const int err = file ? seccomp_export_bpf(context.get(), file.get()) : -errno;
  if (err < 0) throw Error(Code::internal, "seccomp: export the filter", -err);
  const off_t size = ::lseek(file.get(), 0, SEEK_END);
  std::vector<sock_filter> program(static_cast<std::size_t>(size) / sizeof(sock_filter));
  if (::pread(file.get(), program.data(), static_cast<std::size_t>(size), 0) != size)
    throw Error(Code::internal, "seccomp: read the filter", errno);
  if (program.size() > BPF_MAXINSNS) throw Error(Code::invalid, "seccomp: the profile needs more than 4096 instructions");
  return program;
}

std::uint32_t flags_of(const Json& profile) {
  static const std::map<std::string, std::uint32_t> names{{"SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG},
                                                          {"SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW},
                                                          {"SECCOMP_FILTER_FLAG_TSYNC", 0}}; // init has one thread
  std::uint32_t flags = 0;
  if (!profile.contains("flags") || profile["flags"].is_null()) return flags;
  for (const Json& each : profile["flags"]) {
    const auto found = names.find(each.get<std::string>());
    if (found == names.end()) throw Error(Code::invalid, "seccomp: unknown flag \"" + each.get<std::string>() + "\"");
    flags |= found->second;
  }
  return flags;
}

SeccompFilter compile(const Json& profile) {
  const std::uint32_t action = action_of(profile.at("defaultAction"), profile.value("defaultErrnoRet", Json()));
  const Context context(seccomp_init(action), &seccomp_release);
  if (!context) throw Error(Code::internal, "seccomp: out of memory");
  if (profile.contains("architectures") && profile["architectures"].is_array())
    for (const Json& each : profile["architectures"]) add_architecture(context, each);
  seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_NNP, 0);
  // A binary tree: a few comparisons per system call instead of hundreds.
  seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);
  if (profile.contains("syscalls") && profile["syscalls"].is_array())
    for (const Json& rule : profile["syscalls"]) add_rules(context, rule, action);
  return {export_program(context), flags_of(profile)};
}

} // namespace

const SeccompFilter& compile_seccomp(const nlohmann::json& profile) {
  static std::mutex mutex;
  static std::map<std::string, SeccompFilter> cache;
  std::string key = profile.dump();
  const std::lock_guard lock(mutex);
  const auto found = cache.find(key);
  if (found != cache.end()) return found->second;
  return cache.emplace(std::move(key), compile(profile)).first->second;
}

} // namespace gantry::runtime_linux
