#include <charconv>

#include "cli/failure.hpp"
#include "cli/format/template_ast.hpp"
#include "cli/format/template_functions.hpp"
#include "cli/format/template_lexer.hpp"

namespace gantry::cli::ast {
namespace {

/// Deeper nesting is no template of a human.
constexpr int max_depth = 100;

class Parser {
 public:
  explicit Parser(const std::string& text) : tokens_(tokenize(text)) {}

  std::vector<Node> run() {
    std::vector<Node> nodes = block();
    if (peek().kind != Token::Kind::end) fail("unexpected {{" + tokens_[at_ + 1].text + "}}");
    return nodes;
  }

 private:
  const Token& peek(std::size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  const Token& take() { return tokens_[std::min(at_++, tokens_.size() - 1)]; }
  bool is(Token::Kind kind, const char* text) const { return peek().kind == kind && peek().text == text; }
  [[noreturn]] void fail(const std::string& what) const {
    throw Failure("template: :" + std::to_string(peek().line) + ": " + what);
  }

  bool at_keyword(const char* word) const {
    return peek().kind == Token::Kind::left && peek(1).kind == Token::Kind::word && peek(1).text == word;
  }

  /// Up to {{end}}, {{else …}} or the end of the text.
  std::vector<Node> block() {
    if (++depth_ > max_depth) fail("the template is nested too deeply");
    std::vector<Node> nodes;
    while (peek().kind != Token::Kind::end && !at_keyword("end") && !at_keyword("else")) {
      if (peek().kind == Token::Kind::text) {
        nodes.push_back({Node::Kind::text, take().text});
      } else {
        nodes.push_back(action());
      }
    }
    --depth_;
    return nodes;
  }

  Node action() {
    take();
    Node node;
    if (is(Token::Kind::word, "if") || is(Token::Kind::word, "range") || is(Token::Kind::word, "with")) {
      const std::string word = take().text;
      node.kind = word == "if" ? Node::Kind::condition : word == "range" ? Node::Kind::loop : Node::Kind::with;
      return control(std::move(node), word);
    }
    node.kind = Node::Kind::action;
    node.pipeline = pipeline(false);
    close("command");
    return node;
  }

  Node control(Node node, const std::string& word) {
    node.pipeline = pipeline(false);
    if (node.pipeline.commands.empty()) fail("missing value for " + word);
    close(word.c_str());
    node.body = block();
    if (at_keyword("else")) {
      take();
      take();
      if (is(Token::Kind::word, "if") || is(Token::Kind::word, "with")) {
        const std::string again = take().text;
        Node inner;
        inner.kind = again == "if" ? Node::Kind::condition : Node::Kind::with;
        node.otherwise.push_back(control(std::move(inner), again));
        return node;
      }
      close("else");
      node.otherwise = block();
    }
    if (!at_keyword("end")) fail("unexpected EOF");
    take();
    take();
    close("end");
    return node;
  }

  void close(const char* where) {
    if (peek().kind != Token::Kind::right) fail("unexpected \"" + peek().text + "\" in " + where);
    take();
  }

  Pipeline pipeline(bool inner) {
    if (++depth_ > max_depth) fail("the template is nested too deeply");
    Pipeline out;
    declaration(out);
    while (true) {
      Command command;
      while (peek().kind != Token::Kind::right && !is(Token::Kind::symbol, "|") && !is(Token::Kind::symbol, ")"))
        command.push_back(operand());
      if (command.empty()) fail(out.commands.empty() ? "missing value for command" : "missing value for command");
      out.commands.push_back(std::move(command));
      if (!is(Token::Kind::symbol, "|")) break;
      take();
    }
    if (inner) {
      if (!is(Token::Kind::symbol, ")")) fail("unclosed left paren");
      take();
    }
    --depth_;
    return out;
  }

  void declaration(Pipeline& out) {
    const bool pair = peek(1).kind == Token::Kind::symbol && peek(1).text == "," && peek(2).kind == Token::Kind::variable;
    const std::size_t sign = pair ? 3 : 1;
    const bool assigns = peek().kind == Token::Kind::variable && peek(sign).kind == Token::Kind::symbol &&
                         (peek(sign).text == ":=" || peek(sign).text == "=");
    if (!assigns) return;
    out.variables.push_back(take().text);
    if (pair) {
      take();
      out.variables.push_back(take().text);
    }
    out.declares = take().text == ":=";
  }

  Operand operand() {
    const Token token = take();
    Operand out;
    out.line = token.line;
    out.column = token.column;
    out.source = token.text;
    switch (token.kind) {
      case Token::Kind::field:
        out.kind = token.text.empty() ? Operand::Kind::dot : Operand::Kind::field;
        out.source = "." + token.text;
        if (!token.text.empty()) out.fields.push_back(token.text);
        break;
      case Token::Kind::variable:
        out.kind = Operand::Kind::variable;
        out.name = token.text;
        out.source = "$" + token.text;
        break;
      case Token::Kind::string:
        out.kind = Operand::Kind::literal;
        out.literal = token.text;
        break;
      case Token::Kind::number:
        out.kind = Operand::Kind::literal;
        out.literal = number(token.text);
        break;
      case Token::Kind::word:
        word(token, out);
        break;
      case Token::Kind::symbol:
        if (token.text != "(") fail("unexpected \"" + token.text + "\" in operand");
        out.kind = Operand::Kind::pipeline;
        out.inner = std::make_shared<Pipeline>(pipeline(true));
        break;
      default:
        fail("unexpected <" + token.text + "> in operand");
    }
    while (peek().kind == Token::Kind::field && !peek().spaced && !peek().text.empty()) {
      out.source += "." + peek().text;
      out.fields.push_back(take().text);
    }
    return out;
  }

  void word(const Token& token, Operand& out) {
    out.kind = Operand::Kind::literal;
    if (token.text == "true" || token.text == "false") {
      out.literal = token.text == "true";
    } else if (token.text != "nil") {
      out.kind = Operand::Kind::function;
      out.name = token.text;
      if (!is_function(token.text)) fail("function \"" + token.text + "\" not defined");
    }
  }

  Json number(const std::string& text) const {
    std::int64_t whole = 0;
    const char* end = text.data() + text.size();
    if (const auto [at, error] = std::from_chars(text.data(), end, whole); error == std::errc() && at == end) return whole;
    double real = 0;
    if (const auto [at, error] = std::from_chars(text.data(), end, real); error == std::errc() && at == end) return real;
    fail("bad number syntax: \"" + text + "\"");
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

} // namespace

std::vector<Node> parse(const std::string& text) { return Parser(text).run(); }

} // namespace gantry::cli::ast
