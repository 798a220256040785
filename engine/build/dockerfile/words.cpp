#include "build/dockerfile/words.hpp"

#include <algorithm>
#include <functional>
#include <map>

#include "base/json.hpp"
#include "build/dockerfile/position.hpp"

namespace gantry::build {
namespace {

/// Takes "--flag[=value]" words off the front; quotes group, the escape character keeps the next one.
std::vector<std::string> take_flags(std::string_view& text, char escape) {
  std::vector<std::string> flags;
  for (;;) {
    text = trimmed(text);
    if (!text.starts_with("--")) return flags;
    std::string word;
    char quote = 0;
    std::size_t at = 0;
    for (; at < text.size() && (quote != 0 || !is_space(text[at])); ++at) {
      const char c = text[at];
      if (c == escape && at + 1 < text.size() && quote != '\'') {
        word += text[++at];
      } else if (quote != 0 ? c == quote : c == '"' || c == '\'') {
        quote = quote != 0 ? 0 : c;
      } else {
        word += c;
      }
    }
    text.remove_prefix(at);
    if (word == "--") return flags;
    flags.push_back(std::move(word));
  }
}

std::vector<std::string> blank_words(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    while (at < text.size() && is_space(text[at])) ++at;
    const std::size_t from = at;
    while (at < text.size() && !is_space(text[at])) ++at;
    if (at > from) words.emplace_back(text.substr(from, at - from));
  }
  return words;
}

/// ["a", "b"]; false for anything else. A list of other things than strings is refused.
bool parse_json_form(std::string_view text, std::vector<std::string>& words) {
  text = trimmed(text);
  if (!text.starts_with('[')) return false;
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_array()) return false;
  std::vector<std::string> all;
  for (const Json& item : json) {
    if (!item.is_string()) throw invalid("when using JSON array syntax, arrays must be comprised of strings only.");
    all.push_back(item.get<std::string>());
  }
  words = std::move(all);
  return true;
}

void maybe_json(Instruction& i, char) {
  i.json = parse_json_form(i.rest, i.words);
  if (!i.json && !i.rest.empty()) i.words = {i.rest};
}

void maybe_json_list(Instruction& i, char) {
  i.json = parse_json_form(i.rest, i.words);
  if (!i.json) i.words = blank_words(i.rest);
}

void blank_separated(Instruction& i, char) { i.words = blank_words(i.rest); }

void whole(Instruction& i, char) {
  if (!i.rest.empty()) i.words = {i.rest};
}

void pairs(Instruction& i, char escape) {
  const auto words = quoted_words(i.rest, escape);
  if (words.empty()) return;
  if (words.front().find('=') == std::string::npos) {
    const std::string_view value = trimmed(std::string_view(i.rest).substr(std::min(i.rest.size(), i.rest.find_first_of(" \t"))));
    if (value.empty()) throw invalid(i.keyword + " must have two arguments");
    i.words = {blank_words(i.rest).front() + "=" + std::string(value)};
    return;
  }
  for (const auto& word : words) {
    if (word.find('=') == std::string::npos)
      throw DockerfileError("Syntax error - can't find = in \"" + word + "\". Must be of the form: name=value", {0, 0, word, {}});
  }
  i.words = words;
}

void names_or_pairs(Instruction& i, char escape) { i.words = quoted_words(i.rest, escape); }

/// words: "CMD" or "NONE", then the command.
void health(Instruction& i, char) {
  const std::size_t end = std::min(i.rest.size(), i.rest.find_first_of(" \t"));
  if (end == 0) return;
  const std::string type = i.rest.substr(0, end);
  const std::string command(trimmed(std::string_view(i.rest).substr(end)));
  std::vector<std::string> words;
  i.json = parse_json_form(command, words);
  if (!i.json && !command.empty()) words = {command};
  i.words = {type};
  i.words.insert(i.words.end(), words.begin(), words.end());
}

using Split = void (*)(Instruction&, char);

const std::map<std::string, Split, std::less<>>& splits() {
  static const std::map<std::string, Split, std::less<>> all = {
      {"ADD", maybe_json_list},    {"ARG", names_or_pairs}, {"CMD", maybe_json},         {"COPY", maybe_json_list},
      {"ENTRYPOINT", maybe_json},  {"ENV", pairs},          {"EXPOSE", blank_separated}, {"FROM", blank_separated},
      {"HEALTHCHECK", health},     {"LABEL", pairs},        {"MAINTAINER", whole},       {"ONBUILD", whole},
      {"RUN", maybe_json},         {"SHELL", maybe_json},   {"STOPSIGNAL", whole},       {"USER", whole},
      {"VOLUME", maybe_json_list}, {"WORKDIR", whole}};
  return all;
}

} // namespace

bool is_instruction(const std::string& keyword) { return splits().contains(keyword); }

const std::vector<std::string>& instructions() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> names;
    for (const auto& [name, split] : splits()) names.push_back(name);
    return names;
  }();
  return all;
}

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

std::vector<std::string> quoted_words(std::string_view text, char escape) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (quote == 0 && is_space(c)) {
      if (in_word) words.push_back(std::exchange(word, {}));
      in_word = false;
      continue;
    }
    in_word = true;
    word += c;
    if (c == escape && quote != '\'' && at + 1 < text.size()) {
      word += text[++at];
    } else if (quote != 0 ? c == quote : c == '"' || c == '\'') {
      quote = quote != 0 ? 0 : c;
    }
  }
  if (in_word) words.push_back(word);
  return words;
}

void parse_arguments(Instruction& instruction, std::string_view arguments, char escape) {
  const auto split = splits().find(instruction.keyword);
  if (split == splits().end()) throw invalid("unknown instruction: " + instruction.keyword);
  instruction.flags = take_flags(arguments, escape);
  instruction.rest = trimmed(arguments);
  split->second(instruction, escape);
}

std::vector<Heredoc> heredocs_of(std::string_view line, char escape) {
  std::vector<Heredoc> found;
  for (const std::string& word : quoted_words(line, escape)) {
    std::string_view text = word;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') text.remove_prefix(1);
    if (!text.starts_with("<<")) continue;
    text.remove_prefix(2);
    Heredoc heredoc;
    if (text.starts_with('-')) {
      heredoc.chomp = true;
      text.remove_prefix(1);
    }
    if (text.empty() || text.front() == '<') continue;
    for (const char c : text) {
      if (c == '"' || c == '\'' || c == escape)
        heredoc.expand = false;
      else
        heredoc.name += c;
    }
    if (!heredoc.name.empty()) found.push_back(std::move(heredoc));
  }
  return found;
}

} // namespace gantry::build
