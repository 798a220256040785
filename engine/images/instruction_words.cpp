#include "images/instruction_words.hpp"

#include <cctype>

#include "base/error.hpp"

namespace gantry::images {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

std::string value_of(std::string_view name, const std::vector<std::string>& env) {
  for (auto entry = env.rbegin(); entry != env.rend(); ++entry)
    if (entry->starts_with(name) && entry->size() > name.size() && (*entry)[name.size()] == '=')
      return entry->substr(name.size() + 1);
  return {};
}

/// The inside of ${…}.
std::string expand_braces(std::string_view inside, const std::vector<std::string>& env) {
  auto colon = inside.find(':');
  auto value = value_of(inside.substr(0, colon), env);
  if (colon == inside.npos) return value;
  auto operation = inside.substr(colon, 2);
  auto word = expand_word(inside.substr(std::min(colon + 2, inside.size())), env);
  if (operation == ":-") return value.empty() ? word : value;
  if (operation == ":+") return value.empty() ? "" : word;
  throw invalid("unsupported modifier in substitution: ${" + std::string(inside) + "}");
}

/// Replaces the variable at text[at] == '$'; moves `at` behind it.
std::string expand_variable(std::string_view text, std::size_t& at, const std::vector<std::string>& env) {
  if (at + 1 < text.size() && text[at + 1] == '{') {
    auto close = text.find('}', at);
    if (close == text.npos) throw invalid("missing '}' in \"" + std::string(text) + "\"");
    auto inside = text.substr(at + 2, close - at - 2);
    at = close + 1;
    return expand_braces(inside, env);
  }
  auto end = at + 1;
  while (end < text.size() && is_name(text[end])) ++end;
  auto name = text.substr(at + 1, end - at - 1);
  at = end;
  return name.empty() ? "$" : value_of(name, env);
}

/// Copies the escaped character behind text[at] == '\\'. Inside double quotes only " $ and \ are escapable.
void unescape(std::string_view text, std::size_t& at, bool quoted, std::string& out) {
  char next = at + 1 < text.size() ? text[at + 1] : '\\';
  if (quoted && next != '"' && next != '$' && next != '\\') out += '\\';
  out += next;
  at += 2;
}

} // namespace

std::string expand_word(std::string_view word, const std::vector<std::string>& env) {
  std::string out;
  char quote = 0;
  for (std::size_t at = 0; at < word.size();) {
    char c = word[at];
    if (quote == '\'' ? c == '\'' : c == '"' || (c == '\'' && !quote)) {
      quote = quote ? 0 : c;
      ++at;
    } else if (c == '\\' && quote != '\'') {
      unescape(word, at, quote == '"', out);
    } else if (c == '$' && quote != '\'') {
      out += expand_variable(word, at, env);
    } else {
      out += c;
      ++at;
    }
  }
  if (quote) throw invalid("unexpected end of statement while looking for matching quote");
  return out;
}

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  char quote = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    char c = text[at];
    if (!quote && is_blank(c)) {
      if (!word.empty()) words.push_back(std::exchange(word, {}));
      continue;
    }
    if (quote ? c == quote : c == '"' || c == '\'') quote = quote ? 0 : c;
    word += c;
    if (c == '\\' && quote != '\'' && at + 1 < text.size()) word += text[++at];
  }
  if (!word.empty()) words.push_back(word);
  return words;
}

bool parse_exec_form(std::string_view text, std::vector<std::string>& list) {
  if (text.empty() || text.front() != '[') return false;
  auto json = Json::parse(text, nullptr, false);
  if (!json.is_array()) return false;
  for (const auto& item : json)
    if (!item.is_string()) return false;
  list = json.get<std::vector<std::string>>();
  return true;
}

std::vector<std::pair<std::string, std::string>> parse_pairs(std::string_view text, const std::string& instruction,
                                                             const std::vector<std::string>& env) {
  auto words = split_words(text);
  if (words.empty()) throw invalid(instruction + " requires at least one argument");
  std::vector<std::pair<std::string, std::string>> pairs;
  if (words[0].find('=') == std::string::npos) {
    if (words.size() < 2) throw invalid(instruction + " must have two arguments");
    auto value = text.substr(text.find(words[0]) + words[0].size());
    value.remove_prefix(value.find_first_not_of(" \t"));
    return {{expand_word(words[0], env), expand_word(value, env)}};
  }
  for (const auto& word : words) {
    auto equals = word.find('=');
    if (equals == std::string::npos)
      throw invalid("Syntax error - can't find = in \"" + word + "\". Must be of the form: name=value");
    pairs.emplace_back(expand_word(word.substr(0, equals), env), expand_word(word.substr(equals + 1), env));
    if (pairs.back().first.empty()) throw invalid(instruction + " names can not be blank");
  }
  return pairs;
}

} // namespace gantry::images
