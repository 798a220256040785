#include "build/copy/chmod.hpp"

#include <sys/stat.h>

#include <charconv>

#include "base/error.hpp"

namespace gantry::build {
namespace {

Error wrong(const std::string& text) {
  return invalid("invalid chmod parameter: '" + text + "'. it should be octal string and between 0 and 07777");
}

constexpr mode_t user = S_IRWXU | S_ISUID, group = S_IRWXG | S_ISGID, other = S_IRWXO, sticky = S_ISVTX;

mode_t who_is(char letter) {
  if (letter == 'u') return user;
  if (letter == 'g') return group;
  return letter == 'o' ? other : user | group | other;
}

} // namespace

ModeChange::ModeChange(const std::string& text) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), octal_, 8);
  if (error == std::errc() && end == text.data() + text.size() && octal_ <= 07777) return;
  if (text.empty() || (text.front() >= '0' && text.front() <= '9')) throw wrong(text);
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.size(), text.find(',', at));
    try {
      read_clause(text.substr(at, comma - at));
    } catch (const Error&) {
      throw wrong(text);
    }
    at = comma + 1;
  }
}

/// [ugoa]*([=+-]([rwxXst]*|[ugo]))+
void ModeChange::read_clause(const std::string& clause) {
  std::size_t at = std::min(clause.size(), clause.find_first_not_of("ugoa"));
  mode_t who = at == 0 ? who_is('a') | sticky : sticky;
  for (const char letter : clause.substr(0, at)) who |= who_is(letter);
  if (at == clause.size()) throw wrong(clause);
  while (at < clause.size()) {
    const char operation = clause[at];
    if (operation != '=' && operation != '+' && operation != '-') throw wrong(clause);
    const std::size_t end = std::min(clause.size(), clause.find_first_of("=+-", at + 1));
    const std::string what = clause.substr(at + 1, end - at - 1);
    const bool copies = what.size() == 1 && what.find_first_of("ugo") == 0;
    if (!copies && what.find_first_not_of("rwxXst") != what.npos) throw wrong(clause);
    clauses_.push_back({who, operation, what});
    at = end;
  }
}

mode_t ModeChange::bits_of(const Clause& clause, mode_t mode, bool directory) {
  const auto everybody = [](mode_t bits) { return bits | bits << 3 | bits << 6; };
  mode_t bits = 0;
  for (const char letter : clause.what) {
    if (letter == 'u') bits |= everybody(mode >> 6 & 7);
    if (letter == 'g') bits |= everybody(mode >> 3 & 7);
    if (letter == 'o') bits |= everybody(mode & 7);
    if (letter == 'r') bits |= everybody(4);
    if (letter == 'w') bits |= everybody(2);
    if (letter == 'x' || (letter == 'X' && (directory || (mode & 0111) != 0))) bits |= everybody(1);
    if (letter == 's') bits |= S_ISUID | S_ISGID;
    if (letter == 't') bits |= S_ISVTX;
  }
  return bits & clause.who;
}

mode_t ModeChange::apply(mode_t mode, bool directory) const {
  if (clauses_.empty()) return octal_;
  mode &= 07777;
  for (const auto& clause : clauses_) {
    const mode_t bits = bits_of(clause, mode, directory);
    if (clause.operation == '-') {
      mode &= ~bits;
    } else {
      // "=" leaves the sticky bit alone, which belongs to nobody.
      if (clause.operation == '=') mode &= ~(clause.who & ~sticky);
      mode |= bits;
    }
  }
  return mode;
}

} // namespace gantry::build
