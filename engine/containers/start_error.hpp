#pragma once

#include <cstdint>

#include <gantry/sdk/error.hpp>

namespace gantry::containers {

/// A program that could not be run, in the words that clients look for (the docker CLI derives its exit code from them).
/// An external runtime says itself what it was doing.
Error start_error(const Error& cause, bool external_runtime);
Error exec_error(const Error& cause, bool external_runtime);
/// 127 where the program or the directory it is to run in is not there, 126 everything else.
std::int32_t exec_code_of(const Error& error);
/// 127 not found, 126 not executable, 128 everything else.
std::int32_t exit_code_of(const Error& error);

} // namespace gantry::containers
