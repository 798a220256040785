#include <algorithm>

#include "build/dockerfile/words.hpp"
#include "build/lint/findings.hpp"

namespace gantry::build {
namespace {

std::vector<std::string_view> trimmed_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.size(), text.find('\n', at));
    lines.push_back(trimmed(text.substr(at, end - at)));
    at = end + 1;
  }
  return lines;
}

/// The comment right above a line, when it is one line of prose.
std::string comment_above(const std::vector<std::string_view>& lines, int line) {
  const auto at = static_cast<std::size_t>(line) - 1;
  if (at == 0 || at > lines.size() || !lines[at - 1].starts_with('#')) return {};
  const std::string_view text = lines[at - 1].substr(1);
  // "#!" and "##" are no descriptions; "# key=value" is a directive.
  if (!text.starts_with(' ') || text.find('=') < text.find(' ', 1)) return {};
  return std::string(trimmed(text));
}

} // namespace

void lint_comments(const Linted& l, Findings& found) {
  const auto lines = trimmed_lines(l.input.text);
  for (const auto& i : l.input.file.instructions) {
    std::string name;
    if (i.keyword == "FROM" && i.words.size() == 3) name = i.words[2];
    if (i.keyword == "ARG" && i.words.size() == 1) name = i.words.front().substr(0, i.words.front().find('='));
    const std::string comment = name.empty() ? "" : comment_above(lines, i.first_line);
    if (comment.empty() || comment.starts_with(name + " ") || comment == name) continue;
    const std::string what = i.keyword == "FROM" ? "build stage" : "argument";
    found.add("InvalidDefinitionDescription", i,
              "Comment for " + what + " should follow the format: `# " + name + " <description>`");
  }
}

} // namespace gantry::build
