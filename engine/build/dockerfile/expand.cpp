#include "build/dockerfile/expand.hpp"

#include <vector>

#include "build/dockerfile/position.hpp"
#include "build/dockerfile/shell_match.hpp"

namespace gantry::build {
namespace {

bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Words are nested by ${a:-${b:-…}}: a hostile one must not end the stack.
constexpr int nesting_max = 50;

/// A few lines of $a$a$a… would fill the memory.
constexpr std::size_t expanded_max = 1 << 20;

/// Patterns are tried at every place of a value, and with every length.
constexpr std::size_t matched_max = 2048;

void check_size(const std::string& out) {
  if (out.size() > expanded_max) throw invalid("a substitution makes more than 1 MiB");
}

void check_matched(const std::string& value) {
  if (value.size() > matched_max)
    throw invalid("a value of " + std::to_string(value.size()) + " bytes is too long for a pattern; allowed are " +
                  std::to_string(matched_max));
}

class Expander {
 public:
  Expander(std::string_view text, const Lookup& lookup, char escape, bool keep_quotes, int depth)
      : text_(text), lookup_(lookup), escape_(escape), keep_quotes_(keep_quotes), depth_(depth) {
    if (depth > nesting_max) throw invalid("substitutions are nested too deeply");
  }

  /// Up to `stop` (0: the end), which stays.
  std::string run(char stop) {
    std::string out;
    while (at_ < text_.size()) {
      check_size(out);
      const char c = text_[at_];
      if (stop != 0 && c == stop) return out;
      if (!keep_quotes_ && c == '\'') {
        single_quoted(out);
      } else if (!keep_quotes_ && c == '"') {
        double_quoted(out);
      } else if (c == '$') {
        out += dollar();
      } else if (c == escape_) {
        escaped(out);
      } else {
        out += c;
        ++at_;
      }
    }
    if (stop != 0) throw invalid("syntax error: missing '}'");
    check_size(out);
    return out;
  }

 private:
  void escaped(std::string& out) {
    ++at_;
    if (at_ >= text_.size()) return;
    const char c = text_[at_];
    if (keep_quotes_ && c != '$' && c != escape_) out += escape_;
    out += c;
    ++at_;
  }

  void single_quoted(std::string& out) {
    const std::size_t end = text_.find('\'', at_ + 1);
    if (end == text_.npos) throw invalid("unexpected end of statement while looking for matching single-quote");
    out += text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
  }

  void double_quoted(std::string& out) {
    for (++at_; at_ < text_.size();) {
      check_size(out);
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return;
      }
      if (c == '$') {
        out += dollar();
      } else if (c == escape_ && at_ + 1 < text_.size()) {
        const char next = text_[at_ + 1];
        if (next != '"' && next != '$' && next != escape_) out += c;
        out += next;
        at_ += 2;
      } else {
        out += c;
        ++at_;
      }
    }
    throw invalid("unexpected end of statement while looking for matching double-quote");
  }

  std::string value_of(const std::string& name) const { return lookup_(name).value_or(""); }

  std::string name() {
    if (at_ >= text_.size()) return {};
    if (!is_name_start(text_[at_])) {
      const char c = text_[at_];
      if (is_digit(c)) {
        std::string digits;
        while (at_ < text_.size() && is_digit(text_[at_])) digits += text_[at_++];
        return digits;
      }
      if (std::string_view("@*#?-$!").find(c) == std::string_view::npos) return {};
      ++at_;
      return std::string(1, c);
    }
    const std::size_t from = at_;
    while (at_ < text_.size() && (is_name_start(text_[at_]) || is_digit(text_[at_]))) ++at_;
    return std::string(text_.substr(from, at_ - from));
  }

  std::string dollar() {
    ++at_;
    if (at_ < text_.size() && text_[at_] == '{') {
      ++at_;
      return braces();
    }
    const std::string variable = name();
    return variable.empty() ? "$" : value_of(variable);
  }

  /// Behind "${".
  std::string braces() {
    if (at_ < text_.size() && text_[at_] == '}') throw invalid("syntax error: bad substitution");
    const std::string variable = name();
    if (variable.empty()) throw invalid("syntax error: bad substitution");
    if (at_ >= text_.size()) throw invalid("missing ':' in substitution");
    const char c = text_[at_++];
    if (c == '}') return value_of(variable);
    if (c == ':') {
      if (at_ >= text_.size()) throw invalid("syntax error: missing '}'");
      return conditional(variable, text_[at_++], true);
    }
    if (c == '-' || c == '+' || c == '?') return conditional(variable, c, false);
    if (c == '#' || c == '%') return without(variable, c);
    if (c == '/') return replaced(variable);
    throw invalid(std::string("unsupported modifier (") + c + ") in substitution");
  }

  std::string word(char stop) {
    Expander inner(text_.substr(at_), lookup_, escape_, keep_quotes_, depth_ + 1);
    std::string out = inner.run(stop);
    at_ += inner.at_;
    return out;
  }

  std::string last_word() {
    std::string out = word('}');
    ++at_;
    return out;
  }

  std::string conditional(const std::string& variable, char op, bool also_empty) {
    const std::string alternative = last_word();
    const auto value = lookup_(variable);
    const bool given = value && (!also_empty || !value->empty());
    if (op == '-') return given ? *value : alternative;
    if (op == '+') return given ? alternative : "";
    if (op != '?') throw invalid(std::string("unsupported modifier (:") + op + ") in substitution");
    if (given) return *value;
    const std::string why = also_empty ? "not allowed to be empty" : "not allowed to be unset";
    throw invalid(variable + ": " + (alternative.empty() ? why : alternative));
  }

  std::string without(const std::string& variable, char side) {
    const bool longest = at_ < text_.size() && text_[at_] == side;
    if (longest) ++at_;
    const std::string pattern = last_word();
    const std::string value = value_of(variable);
    check_matched(value);
    for (std::size_t n = 0; n <= value.size(); ++n) {
      const std::size_t cut = longest ? value.size() - n : n;
      const std::string_view part =
          side == '#' ? std::string_view(value).substr(0, cut) : std::string_view(value).substr(value.size() - cut);
      if (shell_match(pattern, part)) return side == '#' ? value.substr(cut) : value.substr(0, value.size() - cut);
    }
    return value;
  }

  std::string replaced(const std::string& variable) {
    const bool all = at_ < text_.size() && text_[at_] == '/';
    if (all) ++at_;
    const std::string pattern = word('/');
    ++at_;
    const std::string by = last_word();
    const std::string value = value_of(variable);
    check_matched(value);
    std::string out;
    bool done = false;
    for (std::size_t at = 0; at < value.size();) {
      std::size_t match = 0;
      for (std::size_t n = value.size() - at; n > 0 && match == 0 && (all || !done); --n)
        if (shell_match(pattern, std::string_view(value).substr(at, n))) match = n;
      check_size(out);
      out += match != 0 ? by : std::string(1, value[at]);
      at += match != 0 ? match : 1;
      done = done || match != 0;
    }
    return out;
  }

  std::string_view text_;
  const Lookup& lookup_;
  char escape_;
  bool keep_quotes_;
  int depth_;
  std::size_t at_ = 0;
};

} // namespace

std::string expand(const std::string& word, const Lookup& lookup, char escape) {
  try {
    return Expander(word, lookup, escape, false, 0).run(0);
  } catch (const Error& e) {
    std::string quoted;
    for (const char c : word) quoted += (c == '"' || c == '\\' ? "\\" : "") + std::string(1, c);
    throw DockerfileError("failed to process \"" + quoted + "\": " + e.what(), {0, 0, word, {}});
  }
}

std::string expand_heredoc(const std::string& text, const Lookup& lookup, char escape) {
  return Expander(text, lookup, escape, true, 0).run(0);
}

} // namespace gantry::build
