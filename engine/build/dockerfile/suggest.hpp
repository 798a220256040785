#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::build {

/// Insertions, deletions and substitutions that lead from one word to the other (Levenshtein).
std::size_t edits(std::string_view a, std::string_view b);

/// The candidate that is nearest to `word`, and near enough to be what was meant; empty: none is.
std::string nearest(const std::string& word, const std::vector<std::string>& candidates);

/// " (did you mean X?)", or nothing.
std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates);

} // namespace gantry::build
