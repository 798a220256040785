#include "registry/challenge.hpp"

#include <cctype>

#include "base/text.hpp"

namespace gantry::registry {
namespace {

constexpr std::size_t challenges_max = 16, parameters_max = 32;

bool is_token(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::vector<Challenge> run() {
    std::vector<Challenge> all;
    while (all.size() < challenges_max) {
      skip(" \t,");
      auto name = token();
      if (name.empty()) break;
      skip(" \t");
      if (peek() == '=' && !all.empty()) {
        if (!value(all.back(), name)) break;
      } else {
        all.push_back({lower(name), {}});
      }
    }
    return all;
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip(std::string_view these) {
    while (at_ < text_.size() && these.find(text_[at_]) != these.npos) ++at_;
  }
  std::string token() {
    auto start = at_;
    while (at_ < text_.size() && is_token(text_[at_])) ++at_;
    return std::string(text_.substr(start, at_ - start));
  }
  bool value(Challenge& challenge, const std::string& name) {
    ++at_;
    skip(" \t");
    std::string value;
    if (peek() == '"') {
      for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
        if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
        value += text_[at_];
      }
      if (peek() != '"') return false;
      ++at_;
    } else {
      value = token();
    }
    if (challenge.parameters.size() < parameters_max) challenge.parameters.emplace(lower(name), std::move(value));
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

} // namespace

std::vector<Challenge> parse_challenges(std::string_view header) { return Parser(header).run(); }

} // namespace gantry::registry
