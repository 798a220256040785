#include "cli/format/template_lexer.hpp"

#include <cctype>

#include "cli/failure.hpp"

namespace gantry::cli::ast {
namespace {

constexpr const char* blanks = " \t\r\n";

class Lexer {
 public:
  explicit Lexer(const std::string& text) : text_(text) {}

  std::vector<Token> run() {
    while (at_ < text_.size()) {
      lex_text();
      if (at_ < text_.size()) lex_action();
    }
    push(Token::Kind::end, "", at_);
    return std::move(tokens_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) {
    move_to(std::min(at_, text_.size()));
    throw Failure("template: :" + std::to_string(line_) + ": " + what);
  }

  /// Counts the lines up to `at`; tokens come in order, so that nothing is counted twice.
  void move_to(std::size_t at) {
    for (; counted_ < at; ++counted_) {
      if (text_[counted_] != '\n') continue;
      ++line_;
      line_start_ = counted_ + 1;
    }
  }

  void push(Token::Kind kind, std::string text, std::size_t from) {
    move_to(from);
    tokens_.push_back({kind, std::move(text), line_, from - line_start_, spaced_});
    spaced_ = false;
  }

  void lex_text() {
    const std::size_t from = at_;
    const std::size_t mark = text_.find("{{", at_);
    std::string piece = text_.substr(at_, mark == std::string::npos ? mark : mark - at_);
    if (trim_next_) piece.erase(0, std::min(piece.find_first_not_of(blanks), piece.size()));
    trim_next_ = false;
    at_ = mark == std::string::npos ? text_.size() : mark + 2;
    const bool trims = mark != std::string::npos && at_ + 1 < text_.size() && text_[at_] == '-' &&
                       std::isspace(static_cast<unsigned char>(text_[at_ + 1]));
    if (trims) {
      const auto last = piece.find_last_not_of(blanks);
      piece.resize(last == std::string::npos ? 0 : last + 1);
      ++at_;
    }
    if (!piece.empty()) push(Token::Kind::text, piece, from);
  }

  void lex_action() {
    if (text_.compare(at_, 2, "/*") == 0) return skip_comment();
    push(Token::Kind::left, "{{", at_);
    while (true) {
      while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) {
        ++at_;
        spaced_ = true;
      }
      if (at_ >= text_.size()) fail("unclosed action");
      if (spaced_ && text_.compare(at_, 3, "-}}") == 0) {
        trim_next_ = true;
        ++at_;
      }
      if (text_.compare(at_, 2, "}}") == 0) break;
      lex_token();
    }
    push(Token::Kind::right, "}}", at_);
    at_ += 2;
  }

  void skip_comment() {
    const auto end = text_.find("*/", at_);
    if (end == std::string::npos) fail("unclosed comment");
    const auto close = text_.find("}}", end);
    if (close == std::string::npos) fail("comment ends before closing delimiter");
    trim_next_ = text_[close - 1] == '-';
    at_ = close + 2;
  }

  std::string take_name() {
    const std::size_t from = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_')) ++at_;
    return text_.substr(from, at_ - from);
  }

  void lex_token() {
    const std::size_t from = at_;
    const char c = text_[at_];
    const auto next = at_ + 1 < text_.size() ? static_cast<unsigned char>(text_[at_ + 1]) : 0;
    if (c == '"' || c == '`' || c == '\'') return lex_string(c);
    if (c == '.') {
      ++at_;
      return push(Token::Kind::field, take_name(), from);
    }
    if (c == '$') {
      ++at_;
      return push(Token::Kind::variable, take_name(), from);
    }
    if (std::isdigit(static_cast<unsigned char>(c)) || ((c == '-' || c == '+') && std::isdigit(next))) {
      ++at_;
      while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '.')) ++at_;
      return push(Token::Kind::number, text_.substr(from, at_ - from), from);
    }
    if (std::isalpha(static_cast<unsigned char>(c)) || c == '_') return push(Token::Kind::word, take_name(), from);
    if (text_.compare(at_, 2, ":=") == 0) {
      at_ += 2;
      return push(Token::Kind::symbol, ":=", from);
    }
    if (std::string("|(),=").find(c) == std::string::npos)
      fail(std::string("unexpected bad character U+00") + "0123456789ABCDEF"[(c >> 4) & 15] + "0123456789ABCDEF"[c & 15] + " '" +
           c + "' in command");
    ++at_;
    push(Token::Kind::symbol, std::string(1, c), from);
  }

  void lex_string(char quote) {
    const std::size_t from = at_++;
    std::string out;
    for (; at_ < text_.size() && text_[at_] != quote; ++at_) {
      if (text_[at_] == '\n' && quote != '`') break;
      if (text_[at_] != '\\' || quote == '`' || at_ + 1 >= text_.size()) {
        out += text_[at_];
        continue;
      }
      const char c = text_[++at_];
      out += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
    }
    if (at_ >= text_.size() || text_[at_] != quote)
      fail(quote == '`' ? "unterminated raw quoted string" : "unterminated quoted string");
    ++at_;
    push(Token::Kind::string, out, from);
  }

  const std::string& text_;
  std::size_t at_ = 0, counted_ = 0, line_ = 1, line_start_ = 0;
  bool trim_next_ = false, spaced_ = false;
  std::vector<Token> tokens_{};
};

} // namespace

std::vector<Token> tokenize(const std::string& text) { return Lexer(text).run(); }

} // namespace gantry::cli::ast
