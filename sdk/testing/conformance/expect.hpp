#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <ostream>

#include <gantry/sdk/error.hpp>

namespace gantry {

inline void PrintTo(Code code, std::ostream* os) { *os << "code " << static_cast<int>(code); }

} // namespace gantry

namespace gantry::driver_test {

/// What f fails with; empty when it does not.
template <class F>
std::optional<Code> failure(F f) {
  try {
    f();
    return std::nullopt;
  } catch (const Error& e) {
    EXPECT_STRNE(e.what(), "") << "an error must say what happened";
    return e.code();
  }
}

} // namespace gantry::driver_test

/// The statement fails with gantry::Error of this code.
#define EXPECT_FAILS(statement, expected) EXPECT_EQ(::gantry::driver_test::failure([&] { statement; }), ::std::optional(expected))
