#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

namespace gantry::test {

/// Why a test cannot run here; empty when it can. Use: `if (auto why = need_root(); !why.empty()) GTEST_SKIP() << why;`
inline std::string need_root() { return ::geteuid() == 0 ? "" : "needs root"; }

} // namespace gantry::test
