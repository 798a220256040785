#pragma once

#include "build/dockerfile/dockerfile.hpp"

namespace gantry::build {

/// What every instruction demands of its arguments, before the first step runs. Docker's texts, with the line.
void check_instructions(const Dockerfile&);

/// One instruction, without position.
void check_instruction(const Instruction&);

/// Name of a stage: [a-z][a-z0-9-_.]*
bool is_stage_name(const std::string& lower_case);

} // namespace gantry::build
