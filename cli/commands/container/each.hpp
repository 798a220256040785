#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "cli/failure.hpp"

namespace gantry::cli {

/// Does `one` to every name. A name that fails is reported at the end, one line each, and does not keep the others from their
/// turn.
template <class F>
int for_each_name(const std::vector<std::string>& names, F one) {
  std::string errors;
  for (const std::string& name : names) {
    try {
      one(name);
    } catch (const ConnectionLost&) {
      throw;
    } catch (const Failure& e) {
      errors += (errors.empty() ? "" : "\n") + std::string(e.what());
    }
  }
  if (!errors.empty()) throw Failure(errors);
  return 0;
}

inline void print_line(const std::string& line) { std::printf("%s\n", line.c_str()); }

} // namespace gantry::cli
