#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "config/load.hpp"
#include "unit/base/temp_dir.hpp"

namespace gantry::test {

inline config::Config load_flags(std::vector<std::string> args) {
  return config::load(config::parse_command_line(std::move(args)), {});
}

/// Loads `text` as the file `name` of a directory that is gone afterwards.
inline config::Config load_file(const std::string& text, const std::string& name = "gantryd.yaml",
                                std::vector<std::string> args = {}) {
  const TempDir dir;
  write_file_atomic(dir / name, text, 0600);
  args.insert(args.end(), {"--config-file", dir / name});
  return load_flags(std::move(args));
}

/// What an Error says; empty when nothing is thrown.
template <class F>
std::string error_of(F f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

} // namespace gantry::test
