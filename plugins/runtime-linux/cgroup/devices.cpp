#include "cgroup/devices.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <gantry/sdk/error.hpp>
#include <gantry/sdk/fd.hpp>

#include "cgroup/container_cgroup.hpp"

namespace gantry::runtime_linux {
namespace {

using Json = nlohmann::json;

std::int64_t number_of(const Json& rule, const char* name) {
  return rule.contains(name) && rule[name].is_number() ? rule[name].get<std::int64_t>() : -1;
}

/// The default nodes, terminals, and making any node (it cannot be opened unless another rule allows it).
const std::vector<DeviceRule>& always_allowed() {
  static const std::vector<DeviceRule> rules{{true, 'c', -1, -1, "m"}, {true, 'b', -1, -1, "m"},   {true, 'c', 1, 3, "rwm"},
                                             {true, 'c', 1, 5, "rwm"}, {true, 'c', 1, 7, "rwm"},   {true, 'c', 1, 8, "rwm"},
                                             {true, 'c', 1, 9, "rwm"}, {true, 'c', 5, 0, "rwm"},   {true, 'c', 5, 1, "rwm"},
                                             {true, 'c', 5, 2, "rwm"}, {true, 'c', 136, -1, "rwm"}};
  return rules;
}

bool is_everything(const DeviceRule& rule) {
  return rule.type == 'a' && rule.major < 0 && rule.minor < 0 && rule.access == "rwm";
}

std::string v1_text(const DeviceRule& rule) {
  if (is_everything(rule)) return "a";
  const auto number = [](std::int64_t n) { return n < 0 ? std::string("*") : std::to_string(n); };
  return std::string(1, rule.type) + " " + number(rule.major) + ":" + number(rule.minor) + " " + rule.access;
}

void restrict_v1(const std::string& directory, const std::vector<DeviceRule>& rules) {
  const UniqueFd allow(::open((directory + "/devices.allow").c_str(), O_WRONLY | O_CLOEXEC));
  const UniqueFd deny(::open((directory + "/devices.deny").c_str(), O_WRONLY | O_CLOEXEC));
  for (const DeviceRule& rule : rules) {
    const std::string text = v1_text(rule);
    if (::write(rule.allow ? allow.get() : deny.get(), text.data(), text.size()) < 0)
      throw Error(Code::internal, "device rule \"" + text + "\": " + std::strerror(errno), errno);
  }
}

bpf_insn instruction(std::uint8_t code, std::uint8_t to, std::uint8_t from, std::int16_t jump, std::int32_t value) {
  bpf_insn one{};
  one.code = code;
  one.dst_reg = to & 15;
  one.src_reg = from & 15;
  one.off = jump;
  one.imm = value;
  return one;
}

std::int32_t access_bits(const std::string& access) {
  std::int32_t bits = 0;
  for (const char c : access)
    bits |= c == 'r' ? BPF_DEVCG_ACC_READ : c == 'w' ? BPF_DEVCG_ACC_WRITE : c == 'm' ? BPF_DEVCG_ACC_MKNOD : 0;
  return bits;
}

/// Registers: r2 type, r3 access, r4 major, r5 minor. Falls through when the rule does not match.
void append_rule(std::vector<bpf_insn>& program, const DeviceRule& rule) {
  std::vector<bpf_insn> tests;
  constexpr std::uint8_t not_equal = BPF_JMP32 | BPF_JNE | BPF_K;
  if (rule.type != 'a')
    tests.push_back(instruction(not_equal, 2, 0, 0, rule.type == 'c' ? BPF_DEVCG_DEV_CHAR : BPF_DEVCG_DEV_BLOCK));
  const std::int32_t access = access_bits(rule.access);
  if (access != (BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE | BPF_DEVCG_ACC_MKNOD)) {
    // An allow rule must cover every wanted access, a deny rule any of it.
    tests.push_back(instruction(BPF_ALU | BPF_MOV | BPF_X, 1, 3, 0, 0));
    tests.push_back(instruction(BPF_ALU | BPF_AND | BPF_K, 1, 0, 0, rule.allow ? ~access : access));
    tests.push_back(instruction(BPF_JMP32 | (rule.allow ? BPF_JNE : BPF_JEQ) | BPF_K, 1, 0, 0, 0));
  }
  if (rule.major >= 0) tests.push_back(instruction(not_equal, 4, 0, 0, static_cast<std::int32_t>(rule.major)));
  if (rule.minor >= 0) tests.push_back(instruction(not_equal, 5, 0, 0, static_cast<std::int32_t>(rule.minor)));
  for (std::size_t i = 0; i < tests.size(); ++i)
    if (BPF_CLASS(tests[i].code) == BPF_JMP32) tests[i].off = static_cast<std::int16_t>(tests.size() - i - 1 + 2);
  program.insert(program.end(), tests.begin(), tests.end());
  program.push_back(instruction(BPF_ALU | BPF_MOV | BPF_K, 0, 0, 0, rule.allow ? 1 : 0));
  program.push_back(instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0));
}

long bpf(int command, bpf_attr& attributes) { return ::syscall(SYS_bpf, command, &attributes, sizeof attributes); }

void restrict_v2(const std::string& directory, const std::vector<DeviceRule>& rules) {
  const std::vector<bpf_insn> program = device_program(rules);
  bpf_attr load{};
  load.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  load.insns = reinterpret_cast<std::uint64_t>(program.data());
  load.insn_cnt = static_cast<std::uint32_t>(program.size());
  load.license = reinterpret_cast<std::uint64_t>("Apache-2.0");
  const UniqueFd loaded(static_cast<int>(bpf(BPF_PROG_LOAD, load)));
  if (!loaded) throw Error(Code::internal, std::string("load the device program: ") + std::strerror(errno), errno);
  const UniqueFd cgroup(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  bpf_attr attach{};
  attach.target_fd = static_cast<std::uint32_t>(cgroup.get());
  attach.attach_bpf_fd = static_cast<std::uint32_t>(loaded.get());
  attach.attach_type = BPF_CGROUP_DEVICE;
  attach.attach_flags = BPF_F_ALLOW_MULTI;
  if (!cgroup || bpf(BPF_PROG_ATTACH, attach) < 0)
    throw Error(Code::internal, "attach the device program to " + directory + ": " + std::strerror(errno), errno);
}

} // namespace

std::vector<DeviceRule> device_rules(const Json& rules) {
  std::vector<DeviceRule> all;
  bool open = false;
  for (const Json& each : rules) {
    DeviceRule rule;
    rule.allow = each.value("allow", false);
    const std::string type = each.value("type", "a");
    if (type != "a" && type != "b" && type != "c")
      throw Error(Code::invalid, "device rule: type \"" + type + "\" is not a, b or c");
    rule.type = type.empty() ? 'a' : type[0];
    rule.major = number_of(each, "major");
    rule.minor = number_of(each, "minor");
    rule.access = each.value("access", "rwm");
    if (rule.access.empty() || rule.access.find_first_not_of("rwm") != std::string::npos)
      throw Error(Code::invalid, "device rule: access \"" + rule.access + "\" is not made of r, w and m");
    if (is_everything(rule)) open = rule.allow, all.clear();
    all.push_back(rule);
  }
  if (!open) all.insert(all.end(), always_allowed().begin(), always_allowed().end());
  return all;
}

std::vector<bpf_insn> device_program(const std::vector<DeviceRule>& rules) {
  std::vector<bpf_insn> program;
  const auto load = [&](std::uint8_t to, std::size_t offset) {
    program.push_back(instruction(BPF_LDX | BPF_MEM | BPF_W, to, 1, static_cast<std::int16_t>(offset), 0));
  };
  load(2, offsetof(bpf_cgroup_dev_ctx, access_type));
  load(4, offsetof(bpf_cgroup_dev_ctx, major));
  load(5, offsetof(bpf_cgroup_dev_ctx, minor));
  program.push_back(instruction(BPF_ALU | BPF_MOV | BPF_X, 3, 2, 0, 0));
  program.push_back(instruction(BPF_ALU | BPF_RSH | BPF_K, 3, 0, 0, 16));
  program.push_back(instruction(BPF_ALU | BPF_AND | BPF_K, 2, 0, 0, 0xffff));
  for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule) {
    append_rule(program, *rule);
    if (is_everything(*rule)) return program;
  }
  program.push_back(instruction(BPF_ALU | BPF_MOV | BPF_K, 0, 0, 0, 0));
  program.push_back(instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0));
  return program;
}

void restrict_devices(const ContainerCgroup& cgroup, const Json& rules) {
  const std::vector<DeviceRule> all = device_rules(rules);
  if (cgroup.version() == 2) return restrict_v2(cgroup.v2_directory(), all);
  const std::string directory = cgroup.directory("devices");
  if (!directory.empty()) restrict_v1(directory, all);
}

} // namespace gantry::runtime_linux
