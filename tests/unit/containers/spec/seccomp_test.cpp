#include "containers/spec/seccomp.hpp"

#include <gmock/gmock.h>

#include <set>

#include "sample.hpp"

namespace gantry::containers::test {
namespace {

/// Names that some rule of the profile allows without looking at arguments.
std::set<std::string> allowed(const Json& profile) {
  std::set<std::string> names;
  for (const auto& rule : profile.at("syscalls")) {
    if (rule.at("action") != "SCMP_ACT_ALLOW" || rule.contains("args")) continue;
    for (const auto& name : rule.at("names")) names.insert(name);
  }
  return names;
}

Json rule_for(const Json& profile, const std::string& name) {
  for (const auto& rule : profile.at("syscalls")) {
    for (const auto& candidate : rule.at("names")) {
      if (candidate == name) return rule;
    }
  }
  return nullptr;
}

TEST(DefaultSeccomp, refuses_what_it_does_not_name_with_eperm) {
  const Json profile = default_seccomp({});
  EXPECT_EQ(profile["defaultAction"], "SCMP_ACT_ERRNO");
  EXPECT_EQ(profile["defaultErrnoRet"], 1);
}

TEST(DefaultSeccomp, allows_ordinary_and_recent_calls) {
  const auto names = allowed(default_seccomp({}));
  for (const char* name : {"read", "execve", "openat2", "faccessat2", "close_range", "epoll_pwait2", "futex_waitv",
                           "landlock_create_ruleset", "fchmodat2", "rseq", "statx", "ptrace", "copy_file_range"}) {
    EXPECT_TRUE(names.contains(name)) << name;
  }
}

TEST(DefaultSeccomp, keeps_dangerous_calls_out) {
  const auto names = allowed(default_seccomp({"CAP_CHOWN"}));
  for (const char* name : {"mount",          "umount2",     "unshare",           "setns",       "bpf",    "keyctl",
                           "add_key",        "request_key", "kexec_load",        "init_module", "reboot", "swapon",
                           "io_uring_setup", "userfaultfd", "open_by_handle_at", "clone",       "socket", "perf_event_open",
                           "mbind",          "pivot_root",  "move_mount",        "acct",        "iopl"}) {
    EXPECT_FALSE(names.contains(name)) << name;
  }
}

TEST(DefaultSeccomp, clone_may_not_make_namespaces) {
  const Json rule = rule_for(default_seccomp({}), "clone");
  EXPECT_EQ(rule["args"][0], Json({{"index", 0}, {"value", 2114060288}, {"valueTwo", 0}, {"op", "SCMP_CMP_MASKED_EQ"}}));
}

TEST(DefaultSeccomp, clone3_looks_unimplemented) {
  const Json rule = rule_for(default_seccomp({}), "clone3");
  EXPECT_EQ(rule["action"], "SCMP_ACT_ERRNO");
  EXPECT_EQ(rule["errnoRet"], 38);
}

TEST(DefaultSeccomp, vsock_is_denied) {
  const Json rule = rule_for(default_seccomp({}), "socket");
  EXPECT_EQ(rule["args"][0]["value"], 40);
  EXPECT_EQ(rule["args"][0]["op"], "SCMP_CMP_NE");
}

TEST(DefaultSeccomp, capabilities_unlock_their_calls) {
  const struct {
    const char *capability, *call;
  } rows[] = {{"CAP_SYS_ADMIN", "mount"},
              {"CAP_SYS_ADMIN", "clone3"},
              {"CAP_SYS_ADMIN", "clone"},
              {"CAP_SYS_CHROOT", "chroot"},
              {"CAP_SYS_TIME", "settimeofday"},
              {"CAP_SYS_BOOT", "reboot"},
              {"CAP_SYS_MODULE", "init_module"},
              {"CAP_SYS_PTRACE", "kcmp"},
              {"CAP_DAC_READ_SEARCH", "open_by_handle_at"},
              {"CAP_BPF", "bpf"},
              {"CAP_PERFMON", "perf_event_open"},
              {"CAP_SYSLOG", "syslog"},
              {"CAP_SYS_NICE", "mbind"}};
  for (const auto& [capability, call] : rows) {
    EXPECT_TRUE(allowed(default_seccomp({capability})).contains(call)) << capability << " " << call;
    EXPECT_FALSE(allowed(default_seccomp({})).contains(call)) << call;
  }
  EXPECT_EQ(rule_for(default_seccomp({"CAP_SYS_ADMIN"}), "clone3")["action"], "SCMP_ACT_ALLOW");
}

TEST(SeccompOption, unconfined_is_none) { EXPECT_TRUE(seccomp_for("unconfined", {}).is_null()); }

TEST(SeccompOption, builtin_is_the_default) { EXPECT_EQ(seccomp_for("builtin", {}), default_seccomp({})); }

TEST(SeccompProfile, conditions_are_resolved) {
  const char* text = R"({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    {"names": ["read"], "action": "SCMP_ACT_ALLOW"},
    {"name": "write", "action": "SCMP_ACT_ALLOW", "args": []},
    {"names": ["mount"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}},
    {"names": ["chown"], "action": "SCMP_ACT_ALLOW", "excludes": {"caps": ["CAP_CHOWN"]}},
    {"names": ["nothere"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["mips"]}},
    {"names": ["future"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "99.0"}},
    {"names": ["ptrace"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "4.8"}}]})";
  EXPECT_EQ(allowed(seccomp_for(text, {"CAP_CHOWN"})), (std::set<std::string>{"read", "write", "ptrace"}));
  EXPECT_EQ(allowed(seccomp_for(text, {"CAP_SYS_ADMIN"})), (std::set<std::string>{"read", "write", "mount", "chown", "ptrace"}));
}

TEST(SeccompProfile, bad_json_is_refused_with_dockers_words) {
  for (const char* text : {"{bad", "[]", "3", R"({"defaultAction": 3})", R"({"defaultAction": "A", "syscalls": {}})",
                           R"({"defaultAction": "A", "syscalls": [3]})", R"({"defaultAction": "A", "syscalls": [{"names": 3}]})",
                           R"({"defaultAction": "A", "syscalls": [{"names": ["a"]}]})"}) {
    EXPECT_THAT(refusal([&] { seccomp_for(text, {}); }), ::testing::StartsWith("Decoding seccomp profile failed: ")) << text;
  }
}

TEST(SeccompProfile, an_empty_one_is_none) { EXPECT_TRUE(seccomp_for("{}", {}).is_null()); }

TEST(SeccompProfile, a_hostile_one_is_refused_in_time) {
  const auto profile = [](const std::string& rules) { return R"({"defaultAction":"SCMP_ACT_ALLOW","syscalls":)" + rules + "}"; };
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  const std::string rule = R"([{"names":["mkdir"],"action":"SCMP_ACT_ERRNO",)";
  for (const std::string& text :
       {deep, profile(deep), profile(rule + R"("args":)" + deep + "}]"), profile(rule + R"("args":[{}]}])"),
        profile(rule + R"("args":[{"op":"SCMP_CMP_EQ","index":6}]}])"),
        profile(rule + R"("args":[{"op":"SCMP_CMP_EQ","value":-1}]}])"), profile(rule + R"("errnoRet":"x"}])"),
        profile(rule + R"("includes":7}])"), profile("7"), std::string(5 << 20, ' ')})
    EXPECT_TRUE(refusal([&] { resolve_seccomp_profile(text, {}); }).starts_with("Decoding seccomp profile failed: "))
        << text.substr(0, 80);
}

} // namespace
} // namespace gantry::containers::test
