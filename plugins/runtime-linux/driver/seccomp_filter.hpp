#pragma once

#include <linux/filter.h>
#include <nlohmann/json.hpp>
#include <vector>

namespace gantry::runtime_linux {

struct SeccompFilter {
  std::vector<sock_filter> program;
  std::uint32_t flags = 0; ///< SECCOMP_FILTER_FLAG_*
};

/// OCI linux.seccomp → BPF through libseccomp. Compiling takes milliseconds, so results are kept by content for the life
/// of the process; the reference stays valid. Thread-safe. Errors: invalid, naming the member.
const SeccompFilter& compile_seccomp(const nlohmann::json& profile);

} // namespace gantry::runtime_linux
