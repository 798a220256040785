#include "build/dockerfile/suggest.hpp"

#include <algorithm>
#include <numeric>

namespace gantry::build {

std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0U);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row.back();
}

std::string nearest(const std::string& word, const std::vector<std::string>& candidates) {
  // In a short word two edits change too much; a long one is no slip, and comparing takes its time.
  constexpr std::size_t longest = 64;
  if (word.size() > longest) return {};
  std::size_t best = word.size() < 4 ? 2 : 3;
  std::string found;
  for (const auto& candidate : candidates) {
    if (candidate.size() > longest) continue;
    const std::size_t distance = edits(word, candidate);
    if (distance == 0 || distance >= best) continue;
    best = distance;
    found = candidate;
  }
  return found;
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates) {
  const std::string close = nearest(word, candidates);
  return close.empty() ? "" : " (did you mean " + close + "?)";
}

} // namespace gantry::build
