#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "build/dockerfile/dockerfile.hpp"

namespace gantry::build {

/// Fills `flags`, `rest` and `words` of an instruction from what follows its keyword. invalid without position.
void parse_arguments(Instruction& instruction, std::string_view arguments, char escape);

/// Upper case.
bool is_instruction(const std::string& keyword);
const std::vector<std::string>& instructions();

/// Splits at blanks outside of quotes; words stay as written.
std::vector<std::string> quoted_words(std::string_view text, char escape);

/// The heredocs that a line of ADD, COPY or RUN announces, without content.
std::vector<Heredoc> heredocs_of(std::string_view line, char escape);

bool is_space(char c);
std::string upper(std::string_view text);

} // namespace gantry::build
