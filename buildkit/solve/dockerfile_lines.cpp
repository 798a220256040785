#include "buildkit/solve/dockerfile_lines.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "base/json.hpp"
#include "base/text.hpp"

namespace gantry::buildkit {
namespace {

constexpr std::size_t text_looked_at_max = 1 << 20, instructions_max = 20000, documents_max = 16, document_name_max = 256;

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// The end of the word that begins at `at`: quotes group, the escape character keeps the next one.
std::size_t end_of_word(std::string_view text, std::size_t at, char escape) {
  for (char quote = 0; at < text.size() && (quote != 0 || !is_blank(text[at])); ++at) {
    if (text[at] == escape && quote != '\'' && at + 1 < text.size()) {
      ++at;
    } else if (quote != 0 ? text[at] == quote : text[at] == '"' || text[at] == '\'') {
      quote = quote != 0 ? '\0' : text[at];
    }
  }
  return std::min(at, text.size());
}

std::optional<HereDocument> here_document_of(std::string_view word, char escape) {
  word.remove_prefix(std::min(word.size(), word.find_first_not_of("0123456789")));
  if (!word.starts_with("<<")) return {};
  word.remove_prefix(2);
  HereDocument found;
  if (word.starts_with('-')) {
    found.chomp = true;
    word.remove_prefix(1);
  }
  if (word.starts_with('<')) return {};
  for (const char c : word)
    if (c != '"' && c != '\'' && c != escape) found.name += c;
  if (found.name.empty()) return {};
  return found;
}

std::vector<std::string_view> physical_lines(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  std::vector<std::string_view> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.size(), text.find('\n', at));
    lines.push_back(text.substr(at, end - at));
    if (lines.back().ends_with('\r')) lines.back().remove_suffix(1);
    at = end + 1;
  }
  return lines;
}

bool is_comment(std::string_view line) { return trimmed(line).starts_with('#'); }

class Lexer {
 public:
  explicit Lexer(std::string_view text) : lines_(physical_lines(text)) {}

  DockerfileLines run() {
    take_directives();
    while (next_ < lines_.size()) {
      if (out_.all.size() >= instructions_max) {
        out_.sure = false;
        break;
      }
      const std::string_view content = trimmed(lines_[next_]);
      if (content.empty()) comment_ = {};
      if (content.starts_with('#')) comment_ = content;
      if (content.empty() || content.starts_with('#')) {
        ++next_;
      } else {
        take_instruction();
      }
    }
    return std::move(out_);
  }

 private:
  /// "# escape=`", before anything else but other directives.
  void take_directives() {
    for (std::string_view line : lines_) {
      line = trimmed(line);
      const std::size_t equals = line.find('=');
      if (!line.starts_with('#') || equals == line.npos) return;
      const std::string name = lower(trimmed(line.substr(1, equals - 1)));
      if (name != "escape" && name != "syntax" && name != "check") return;
      const std::string_view value = trimmed(line.substr(equals + 1));
      if (name == "escape" && (value == "`" || value == "\\")) out_.escape = value.front();
    }
  }

  /// Takes a continuation mark off the end. A doubled one is none.
  bool continues(std::string_view& line) const {
    const std::size_t last = line.find_last_not_of(" \t");
    if (last == line.npos || line[last] != out_.escape || (last > 0 && line[last - 1] == out_.escape)) return false;
    line = line.substr(0, last);
    return true;
  }

  std::string logical_line() {
    std::string_view piece = lines_[next_++];
    bool more = continues(piece);
    std::string line(piece);
    while (more && next_ < lines_.size()) {
      piece = lines_[next_++];
      if (is_comment(piece) || trimmed(piece).empty()) continue;
      more = continues(piece);
      line += piece;
    }
    return line;
  }

  void take_instruction() {
    DockerfileLine one;
    one.line = static_cast<int>(next_) + 1;
    one.comment = std::exchange(comment_, {});
    one.text = trimmed(logical_line());
    const std::size_t end = std::min(one.text.size(), one.text.find_first_of(" \t\v\f\r"));
    one.verb = lower(std::string_view(one.text).substr(0, end));
    one.rest = trimmed(std::string_view(one.text).substr(end));
    if (one.verb == "run" || one.verb == "copy" || one.verb == "add") take_here_documents(one);
    if (!one.text.empty()) out_.all.push_back(std::move(one));
  }

  void take_here_documents(DockerfileLine& one) {
    const std::string_view arguments = without_flags(one.rest, out_.escape);
    if (arguments.find("<<") == arguments.npos) return;
    if (arguments.starts_with('[') && Json::parse(arguments, nullptr, false).is_array()) return;
    const auto documents = here_documents(arguments, out_.escape);
    if (documents.size() > documents_max) {
      out_.sure = false;
      return;
    }
    const std::size_t begin = next_;
    for (const HereDocument& document : documents) {
      if (document.name.size() <= document_name_max && take_here_document(document, one)) continue;
      next_ = begin;
      out_.sure = false;
      return;
    }
  }

  /// False when it has no end.
  bool take_here_document(const HereDocument& document, DockerfileLine& one) {
    // Looked for in vain once, it is not there later either.
    if (endless_.contains(document.name)) return false;
    while (next_ < lines_.size()) {
      std::string_view line = lines_[next_++];
      if (document.chomp) line.remove_prefix(std::min(line.size(), line.find_first_not_of('\t')));
      if (line == document.name) return true;
      if (++one.here_lines == 1) one.first_line = trimmed(line);
    }
    endless_.insert(document.name);
    return false;
  }

  const std::vector<std::string_view> lines_;
  std::size_t next_ = 0;
  std::string_view comment_;
  std::set<std::string> endless_;
  DockerfileLines out_;
};

} // namespace

DockerfileLines lines_of_dockerfile(std::string_view text) {
  if (text.size() > text_looked_at_max) return {.all = {}, .escape = '\\', .sure = false};
  return Lexer(text).run();
}

std::vector<HereDocument> here_documents(std::string_view rest, char escape) {
  std::vector<HereDocument> found;
  for (std::size_t at = 0; at < rest.size();) {
    if (is_blank(rest[at])) {
      ++at;
      continue;
    }
    const std::size_t end = end_of_word(rest, at, escape);
    if (auto one = here_document_of(rest.substr(at, end - at), escape)) found.push_back(std::move(*one));
    at = end;
  }
  return found;
}

std::string_view without_flags(std::string_view rest, char escape) {
  for (rest = trimmed(rest); rest.starts_with("--"); rest = trimmed(rest)) {
    const std::size_t end = end_of_word(rest, 0, escape);
    const bool is_last = rest.substr(0, end) == "--";
    rest.remove_prefix(end);
    if (is_last) break;
  }
  return trimmed(rest);
}

} // namespace gantry::buildkit
