#include "build/context/ignore.hpp"

#include <algorithm>
#include <filesystem>

#include <gantry/sdk/error.hpp>

// The command line client has this file, too: nothing of the engine is used here.
namespace gantry::build {
namespace {

Error invalid(const std::string& why) { return {Code::invalid, why}; }

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n\v\f";
  while (!text.empty() && blanks.find(text.front()) != blanks.npos) text.remove_prefix(1);
  while (!text.empty() && blanks.find(text.back()) != blanks.npos) text.remove_suffix(1);
  return text;
}

/// Go's path.Clean, then without the leading slash.
std::string cleaned(std::string_view pattern) {
  std::string clean = std::filesystem::path(pattern).lexically_normal().string();
  while (clean.size() > 1 && clean.ends_with('/')) clean.pop_back();
  if (clean.size() > 1 && clean.starts_with('/')) clean.erase(0, clean.find_first_not_of('/'));
  return clean;
}

/// Whether [..] at pattern[at] holds c; moves behind it.
bool in_class(std::string_view pattern, std::size_t& at, char c) {
  ++at;
  const bool negated = at < pattern.size() && pattern[at] == '^';
  if (negated) ++at;
  bool found = false;
  for (bool first = true;; first = false) {
    if (at >= pattern.size()) throw invalid("syntax error in pattern");
    if (pattern[at] == ']' && !first) break;
    const auto character = [&] {
      if (pattern[at] == '\\') ++at;
      if (at >= pattern.size()) throw invalid("syntax error in pattern");
      return pattern[at++];
    };
    const char low = character();
    char high = low;
    if (at < pattern.size() && pattern[at] == '-') {
      ++at;
      if (at >= pattern.size()) throw invalid("syntax error in pattern");
      high = character();
    }
    found = found || (low <= c && c <= high);
  }
  ++at;
  return found != negated;
}

/// One step behind a star is enough for '*'; '**' may come back to any place, so this is a table over both texts instead of a
/// recursion that a hostile pattern makes exponential.
bool matches(std::string_view pattern, std::string_view text, bool with_double_star) {
  const std::size_t n = text.size();
  std::vector<bool> reach(n + 1, false), next;
  reach[0] = true;
  for (std::size_t p = 0; p < pattern.size();) {
    next.assign(n + 1, false);
    std::size_t after = p + 1;
    if (pattern[p] == '*' && with_double_star && p + 1 < pattern.size() && pattern[p + 1] == '*') {
      after = p + 2;
      const bool slash = after < pattern.size() && pattern[after] == '/';
      if (slash) ++after;
      for (std::size_t i = 0; i <= n; ++i) {
        if (!reach[i]) continue;
        if (!slash) {
          for (std::size_t j = i; j <= n; ++j) next[j] = true;
          break;
        }
        // "**/" is nothing, or anything that ends with a slash.
        next[i] = true;
        for (std::size_t j = i; j < n; ++j)
          if (text[j] == '/') next[j + 1] = true;
      }
    } else if (pattern[p] == '*') {
      bool open = false;
      for (std::size_t i = 0; i <= n; ++i) {
        open = open || reach[i];
        next[i] = open;
        if (i < n && text[i] == '/') open = false;
      }
    } else if (pattern[p] == '?') {
      for (std::size_t i = 0; i < n; ++i) next[i + 1] = reach[i] && text[i] != '/';
    } else if (pattern[p] == '[') {
      for (std::size_t i = 0; i < n; ++i) {
        std::size_t at = p;
        const bool in = in_class(pattern, at, text[i]);
        next[i + 1] = reach[i] && in && text[i] != '/';
        after = at;
      }
      if (n == 0) {
        after = p;
        (void)in_class(pattern, after, 'x');
      }
    } else {
      std::size_t at = p;
      if (pattern[at] == '\\' && ++at >= pattern.size()) throw invalid("syntax error in pattern");
      for (std::size_t i = 0; i < n; ++i) next[i + 1] = reach[i] && text[i] == pattern[at];
      after = at + 1;
    }
    reach.swap(next);
    p = after;
  }
  return reach[n];
}

} // namespace

bool path_match(std::string_view pattern, std::string_view path) { return matches(pattern, path, true); }
bool glob_match(std::string_view pattern, std::string_view name) { return matches(pattern, name, false); }

IgnoreRules::IgnoreRules(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.size(), text.find('\n', at));
    std::string_view line = text.substr(at, end - at);
    at = end + 1;
    if (line.starts_with('#')) continue;
    line = without_blanks(line);
    if (line.empty()) continue;
    Rule rule;
    if (line.starts_with('!')) {
      rule.exception = true;
      line = without_blanks(line.substr(1));
      if (line.empty()) throw invalid("illegal exclusion pattern: \"!\"");
    }
    rule.pattern = cleaned(line);
    exceptions_ = exceptions_ || rule.exception;
    if (rule.pattern != ".") rules_.push_back(std::move(rule));
  }
}

bool IgnoreRules::ignores(const std::string& path) const {
  bool ignored = false;
  for (const auto& rule : rules_) {
    bool hit = path_match(rule.pattern, path);
    for (std::size_t slash = path.find('/'); !hit && slash != path.npos; slash = path.find('/', slash + 1))
      hit = path_match(rule.pattern, std::string_view(path).substr(0, slash));
    if (hit) ignored = !rule.exception;
  }
  return ignored;
}

} // namespace gantry::build
