#pragma once

#include <set>
#include <string>
#include <vector>

#include "build/dockerfile/dockerfile.hpp"
#include "build/request.hpp"

namespace gantry::build {

struct Stage {
  Instruction from;
  std::string base;        ///< as written, before variables
  std::string name;        ///< lower case; empty: none
  bool is_context = false; ///< the client gives a context of that name instead of it
  std::vector<Instruction> instructions;
};

/// A Dockerfile cut at its FROMs.
struct Stages {
  std::vector<Instruction> global_args; ///< before the first FROM
  std::vector<Stage> stages;            ///< up to the target
  std::vector<bool> needed;             ///< for the target
  std::set<std::string> contexts;       ///< keys of the named ones
  /// The stage before `before` with this name (any case), or this number when `numbers`; -1: none.
  int find(const std::string& name, std::size_t before, bool numbers) const;
};

/// invalid for stages that copy from each other.
void refuse_cycles(const Stages&);

/// invalid when there is no stage of that name. The client's labels become the last instructions.
Stages cut_stages(const Dockerfile&, const BuildRequest&);

} // namespace gantry::build
