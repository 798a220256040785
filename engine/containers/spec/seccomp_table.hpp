#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace gantry::containers {

/// Compares one argument of a call, as SCMP_CMP_*. MASKED_EQ: (argument & value) == value_two.
struct SyscallArgument {
  std::uint32_t index;
  std::string_view op;
  std::uint64_t value;
  std::uint64_t value_two = 0;
};

/// Calls that the profile treats alike. Where several rules name a call, each of them allows it.
struct SyscallRule {
  std::string_view names;              ///< separated by blanks
  std::string_view needs = {};         ///< only with this capability
  std::string_view unless = {};        ///< only without this capability
  std::string_view architectures = {}; ///< as uname -m tells, separated by blanks; empty: all
  std::optional<SyscallArgument> argument = {};
  int refused_with = 0; ///< errno; 0: allowed
};

/// The builtin profile. What no rule names fails with EPERM.
std::span<const SyscallRule> seccomp_rules();

} // namespace gantry::containers
