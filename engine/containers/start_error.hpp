#pragma once

#include <cstdint>

#include <gantry/sdk/error.hpp>

namespace gantry::containers {

/// A program that could not be run, in the words that clients look for (the docker CLI derives its exit code from them).
Error start_error(const Error& cause);
Error exec_error(const Error& cause);
/// 127 not found, 126 not executable, 128 everything else.
std::int32_t exit_code_of(const Error& error);

} // namespace gantry::containers
