#include <algorithm>
#include <regex>
#include <set>

#include "base/error.hpp"
#include "build/dockerfile/expand.hpp"
#include "build/dockerfile/suggest.hpp"
#include "build/dockerfile/words.hpp"
#include "build/lint/findings.hpp"
#include "images/reference.hpp"

namespace gantry::build {
namespace {

using NameSet = std::set<std::string>;

const NameSet platform_arguments = {"TARGETPLATFORM", "TARGETOS", "TARGETARCH", "TARGETVARIANT",
                                    "BUILDPLATFORM",  "BUILDOS",  "BUILDARCH",  "BUILDVARIANT"};

bool is_name_char(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

/// The variables of a word that nothing stands in for when they are unset: not those with - + or ?.
std::vector<std::string> used(const std::string& word, char escape) {
  std::vector<std::string> names;
  bool single = false, twice = false;
  for (std::size_t at = 0; at < word.size(); ++at) {
    const char c = word[at];
    if (c == escape && !single) {
      ++at;
    } else if (c == '\'' && !twice) {
      single = !single;
    } else if (c == '"' && !single) {
      twice = !twice;
    } else if (c == '$' && !single) {
      const bool braces = at + 1 < word.size() && word[at + 1] == '{';
      const std::size_t from = at + (braces ? 2 : 1);
      std::size_t end = from;
      while (end < word.size() && is_name_char(word[end])) ++end;
      const bool handled = braces && end < word.size() && std::string_view(":-+?").find(word[end]) != std::string_view::npos;
      if (end > from && !handled && (word[from] < '0' || word[from] > '9')) names.push_back(word.substr(from, end - from));
      at = end - 1;
    }
  }
  return names;
}

std::string suggestion(const std::string& name, const NameSet& known, const char* sign) {
  constexpr std::size_t most = 500; // each is compared
  if (known.size() > most) return "";
  const std::string close = nearest(name, {known.begin(), known.end()});
  return close.empty() ? "" : " (did you mean " + std::string(sign) + close + "?)";
}

bool is_expanded(const Instruction& i) {
  static const NameSet all = {"ADD", "COPY", "ENV", "EXPOSE", "LABEL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR", "ARG"};
  return all.contains(i.keyword);
}

bool is_secret(const std::string& name) {
  static const std::regex secret("(^|_)(apikey|auth|credential|credentials|key|password|pword|passwd|secret|token)(_|$)",
                                 std::regex::icase);
  static const std::regex open("(^|_)public(_|$)", std::regex::icase);
  constexpr std::size_t longest = 256; // std::regex goes as deep as a text is long
  return name.size() <= longest && std::regex_search(name, secret) && !std::regex_search(name, open);
}

/// What a stage knows, and leaves to those that are built on it.
struct Known {
  /// A file that declares more is no file that somebody wrote: of its stages nothing is said.
  static constexpr std::size_t most = 10'000;
  NameSet names{};
  bool all = false; ///< the base image is not known, for example: nothing can be said

  void add(const std::string& name) {
    if (all) return;
    names.insert(name);
    if (names.size() <= most) return;
    names.clear();
    all = true;
  }
};

void declares(const Instruction& i, Known& known, Findings& found) {
  if (i.keyword != "ARG" && i.keyword != "ENV") return;
  for (const auto& word : i.words) {
    const std::string name = word.substr(0, word.find('='));
    known.add(name);
    if (is_secret(name))
      found.add("SecretsUsedInArgOrEnv", i,
                "Do not use ARG or ENV instructions for sensitive data (" + i.keyword + " \"" + name + "\")");
  }
}

void check_uses(const Linted& l, const Instruction& i, const Known& known, Findings& found) {
  if (known.all || !is_expanded(i)) return;
  NameSet told;
  auto words = i.words;
  words.insert(words.end(), i.flags.begin(), i.flags.end());
  for (const auto& word : words)
    for (const auto& name : used(word, l.input.file.escape))
      if (!known.names.contains(name) && !is_predefined(name) && told.insert(name).second)
        found.add("UndefinedVar", i, "Usage of undefined variable '$" + name + "'" + suggestion(name, known.names, "$"));
}

void platform(const Stage& stage, Findings& found) {
  const std::string value = flag_value(stage.from, "platform");
  if (value == "$TARGETPLATFORM" || value == "${TARGETPLATFORM}")
    found.add("RedundantTargetPlatform", stage.from,
              "Setting platform to predefined " + value + " in FROM is redundant as this is the default behavior");
  if (!value.empty() && value.find('$') == std::string::npos)
    found.add("FromPlatformFlagConstDisallowed", stage.from,
              "FROM --platform flag should not use constant value \"" + value + "\"");
}

/// ARGs before the first FROM, with the values that the file itself gives them.
Args global_defaults(const Linted& l) {
  Variables all({}, "");
  const Lookup lookup = [&](const std::string& name) { return all.global(name); };
  Args defaults;
  for (const auto& i : l.stages.global_args)
    for (const auto& word : i.words) {
      const std::size_t equals = word.find('=');
      std::optional<std::string> value;
      try {
        if (equals != word.npos) value = expand(word.substr(equals + 1), lookup, l.input.file.escape);
      } catch (const Error&) { // the build says so itself
      }
      all.declare_global(word.substr(0, equals), value);
      defaults[word.substr(0, equals)] = value;
    }
  for (const auto& name : platform_arguments)
    if (!defaults.contains(name)) defaults[name] = all.global(name);
  return defaults;
}

void from(const Linted& l, const Stage& stage, const Args& globals, Findings& found) {
  platform(stage, found);
  NameSet names;
  for (const auto& [name, value] : globals) names.insert(name);
  bool all_declared = true;
  for (const std::string& word : {stage.base, flag_value(stage.from, "platform")})
    for (const auto& name : used(word, l.input.file.escape)) {
      if (names.contains(name)) continue;
      all_declared = false;
      found.add("UndefinedArgInFrom", stage.from, "FROM argument '" + name + "' is not declared" + suggestion(name, names, ""));
    }
  if (!all_declared || stage.base.find('$') == std::string::npos) return;
  try {
    const Lookup lookup = [&](const std::string& name) {
      const auto at = globals.find(name);
      return at == globals.end() ? std::nullopt : at->second;
    };
    (void)images::parse_reference(expand(stage.base, lookup, l.input.file.escape));
  } catch (const Error&) {
    found.add("InvalidDefaultArgInFrom", stage.from,
              "Default value for ARG " + stage.base + " results in empty or invalid base image name");
  }
}

/// What the image under a stage brings along.
Known base_of(const Linted& l, std::size_t stage, const std::vector<Known>& before) {
  const std::string& base = l.stages.stages[stage].base;
  if (const int other = l.stages.find(base, stage, false); other >= 0) return before[static_cast<std::size_t>(other)];
  Known known{{"PATH"}};
  if (base == "scratch") return known;
  const auto env = base.find('$') == std::string::npos ? l.input.env_of_image(base) : std::nullopt;
  if (!env) return {{}, true};
  for (const auto& line : *env) known.add(line.substr(0, line.find('=')));
  return known;
}

} // namespace

void lint_variables(const Linted& l, Findings& found) {
  const Args globals = global_defaults(l);
  std::vector<Known> all;
  for (const auto& i : l.stages.global_args) {
    Known ignored;
    declares(i, ignored, found);
  }
  for (std::size_t n = 0; n < l.stages.stages.size(); ++n) {
    const Stage& stage = l.stages.stages[n];
    from(l, stage, globals, found);
    Known known = base_of(l, n, all);
    for (const auto& i : stage.instructions) {
      // ARG declares one after the other; ENV knows only what was before it.
      if (i.keyword == "ARG") declares(i, known, found);
      check_uses(l, i, known, found);
      if (i.keyword == "ENV") declares(i, known, found);
    }
    all.push_back(std::move(known));
  }
}

} // namespace gantry::build
