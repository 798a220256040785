#pragma once

#include <cstdint>
#include <cstdio>

#include "plan/control.hpp"

namespace gantry::runtime_linux {

/// 64-bit FNV-1a: names of any length become short file names.
inline std::uint64_t name_hash(const char* text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (; *text; ++text) hash = (hash ^ static_cast<unsigned char>(*text)) * 0x100000001b3ULL;
  return hash;
}

/// File in the run directory that holds the exit status of an exec.
inline void exec_file_name(const char* exec_id, char* name, std::size_t size) {
  std::snprintf(name, size, "%s%016llx", exec_file_prefix, static_cast<unsigned long long>(name_hash(exec_id)));
}

} // namespace gantry::runtime_linux
