#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.hpp"

namespace gantry::images {

/// A word of a Dockerfile instruction as the shell would see it: quotes and escapes undone, $NAME and ${NAME} (with :- and
/// :+) replaced from `env` ("NAME=value").
std::string expand_word(std::string_view word, const std::vector<std::string>& env);

/// Splits at blanks outside of quotes; words stay as written.
std::vector<std::string> split_words(std::string_view text);

/// `["a", "b"]` as a list; absent for anything else (the shell form).
bool parse_exec_form(std::string_view text, std::vector<std::string>& list);

/// `key=value …` or the old form `key value`, expanded; invalid with "<instruction> must have two arguments".
std::vector<std::pair<std::string, std::string>> parse_pairs(std::string_view text, const std::string& instruction,
                                                             const std::vector<std::string>& env);

} // namespace gantry::images
