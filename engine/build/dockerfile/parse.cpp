#include <algorithm>
#include <optional>

#include "base/error.hpp"
#include "build/dockerfile/check.hpp"
#include "build/dockerfile/dockerfile.hpp"
#include "build/dockerfile/position.hpp"
#include "build/dockerfile/suggest.hpp"
#include "build/dockerfile/words.hpp"

namespace gantry::build {
namespace {

std::vector<std::string> lines_of(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.size(), text.find('\n', at));
    std::string_view line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.emplace_back(line);
    at = end + 1;
  }
  return lines;
}

bool is_comment(std::string_view line) { return trimmed(line).starts_with('#'); }

DockerfileError at_line(int line, const std::string& why, std::string token = {}, const std::string& hint = {}) {
  return {"dockerfile parse error line " + std::to_string(line) + ": " + why, {line, line, std::move(token), why + hint}};
}

struct Directive {
  std::string name, value;
};

/// "# name=value"
std::optional<Directive> directive_of(std::string_view line) {
  line = trimmed(line);
  if (!line.starts_with('#')) return {};
  line = trimmed(line.substr(1));
  const std::size_t equals = line.find('=');
  if (equals == line.npos || equals == 0) return {};
  const std::string name = lower(trimmed(line.substr(0, equals)));
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (name.empty() || !std::all_of(name.begin(), name.end(), plain)) return {};
  return Directive{name, std::string(trimmed(line.substr(equals + 1)))};
}

std::string keyword_of(std::string_view line) {
  line = trimmed(line);
  return std::string(line.substr(0, line.find_first_of(" \t\v\f\r")));
}

class Parser {
 public:
  explicit Parser(std::string_view text) : lines_(lines_of(text)) {}

  Dockerfile run() {
    directives();
    while (next_ < lines_.size()) {
      if (is_comment(lines_[next_]) || trimmed(lines_[next_]).empty()) {
        ++next_;
        continue;
      }
      instruction();
    }
    if (file_.instructions.empty()) throw invalid("failed to parse Dockerfile: file with no instructions");
    check_instructions(file_);
    return std::move(file_);
  }

 private:
  void directives() {
    std::vector<std::string> seen;
    for (std::size_t at = 0; at < lines_.size(); ++at) {
      const auto directive = directive_of(lines_[at]);
      if (!directive) return;
      const auto& [name, value] = *directive;
      if (name != "escape" && name != "syntax" && name != "check") return;
      if (std::find(seen.begin(), seen.end(), name) != seen.end())
        throw at_directive(at, "only one " + name + " parser directive can be used", name);
      seen.push_back(name);
      if (name == "escape") set_escape(value, at);
      if (name == "syntax") file_.syntax = value;
      if (name == "check") file_.check = value;
    }
  }

  static DockerfileError at_directive(std::size_t line, const std::string& why, const std::string& token) {
    const int number = static_cast<int>(line) + 1;
    return {"failed to parse Dockerfile: " + why, {number, number, token, why}};
  }

  void set_escape(const std::string& value, std::size_t line) {
    if (value != "\\" && value != "`")
      throw at_directive(line, "invalid escape token '" + value + "' does not match ` or \\", value);
    file_.escape = value.front();
  }

  /// Takes a continuation mark off the end. A doubled one is none.
  bool continues(std::string& line) const {
    const std::size_t last = line.find_last_not_of(" \t");
    if (last == line.npos || line[last] != file_.escape) return false;
    if (last > 0 && line[last - 1] == file_.escape) return false;
    line.resize(last);
    return true;
  }

  std::string logical_line() {
    std::string line = lines_[next_++];
    line.erase(0, std::min(line.size(), line.find_first_not_of(" \t\v\f\r")));
    bool more = continues(line), empty_inside = false;
    while (more && next_ < lines_.size()) {
      std::string next = lines_[next_++];
      if (is_comment(next)) continue;
      if (trimmed(next).empty()) {
        if (!empty_inside) file_.empty_continuations.push_back(static_cast<int>(next_));
        empty_inside = true;
        continue;
      }
      more = continues(next);
      line += next;
    }
    if (empty_inside) file_.warnings.push_back("[WARNING]: Empty continuation line found in:\n    " + line);
    return line;
  }

  void instruction() {
    const int first = static_cast<int>(next_) + 1;
    const std::string line = logical_line();
    if (trimmed(line).empty()) return;
    const std::string keyword = keyword_of(line);
    if (!is_instruction(upper(keyword)))
      throw at_line(first, "unknown instruction: " + upper(keyword), keyword, did_you_mean(upper(keyword), instructions()));
    Instruction parsed;
    try {
      parsed = parse_instruction(line, file_.escape);
    } catch (const Error& e) {
      throw located(e, "failed to parse Dockerfile: " + std::string(e.what()), first, static_cast<int>(next_));
    }
    parsed.first_line = first;
    if (parsed.keyword == "RUN" || parsed.keyword == "COPY" || parsed.keyword == "ADD") {
      if (!parsed.json) parsed.heredocs = heredocs_of(parsed.rest, file_.escape);
      for (Heredoc& heredoc : parsed.heredocs) content(heredoc, first);
    }
    parsed.last_line = static_cast<int>(next_);
    file_.instructions.push_back(std::move(parsed));
  }

  void content(Heredoc& heredoc, int first) {
    for (; next_ < lines_.size(); ++next_) {
      std::string line = lines_[next_];
      if (heredoc.chomp) line.erase(0, std::min(line.size(), line.find_first_not_of('\t')));
      if (line == heredoc.name) {
        ++next_;
        return;
      }
      heredoc.content += line + "\n";
    }
    throw at_line(first, "unterminated heredoc", "<<");
  }

  std::vector<std::string> lines_;
  std::size_t next_ = 0;
  Dockerfile file_;
};

} // namespace

Instruction parse_instruction(const std::string& line, char escape) {
  Instruction instruction;
  const std::string_view text = trimmed(line);
  const std::string keyword = keyword_of(line);
  instruction.keyword = upper(keyword);
  instruction.original = text;
  parse_arguments(instruction, text.substr(keyword.size()), escape);
  return instruction;
}

Dockerfile parse_dockerfile(std::string_view text) { return Parser(text).run(); }

std::string flag_value(const Instruction& instruction, std::string_view name) {
  const std::string prefix = "--" + std::string(name) + "=";
  for (const auto& flag : instruction.flags)
    if (flag.starts_with(prefix)) return flag.substr(prefix.size());
  return {};
}

bool has_flag(const Instruction& instruction, std::string_view name) {
  const std::string plain = "--" + std::string(name);
  const auto is_it = [&](const std::string& flag) { return flag == plain || flag.starts_with(plain + "="); };
  return std::any_of(instruction.flags.begin(), instruction.flags.end(), is_it);
}

} // namespace gantry::build
