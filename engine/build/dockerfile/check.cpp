#include "build/dockerfile/check.hpp"

#include <algorithm>
#include <functional>
#include <map>

#include "base/time.hpp"
#include "build/dockerfile/position.hpp"
#include "build/dockerfile/suggest.hpp"
#include "build/dockerfile/words.hpp"

namespace gantry::build {
namespace {

using Names = std::vector<std::string>;

/// The flags that an instruction knows; a value is demanded unless the name ends in '?'.
const Names& known_flags(const std::string& keyword) {
  static const std::map<std::string, Names> all = {
      {"FROM", {"platform"}},
      {"ADD", {"chown", "chmod", "link?", "checksum", "keep-git-dir?", "unpack?", "exclude"}},
      {"COPY", {"from", "chown", "chmod", "link?", "parents?", "exclude"}},
      {"RUN", {"mount", "network", "security", "device"}},
      {"HEALTHCHECK", {"interval", "timeout", "start-period", "start-interval", "retries"}}};
  static const Names none;
  const auto at = all.find(keyword);
  return at == all.end() ? none : at->second;
}

DockerfileError unknown_flag(const std::string& name, const Names& known) {
  Names plain = known;
  for (auto& candidate : plain)
    if (candidate.ends_with('?')) candidate.pop_back();
  return {"Unknown flag: " + name, {0, 0, "--" + name, "unknown flag: --" + name + did_you_mean(name, plain)}};
}

void check_flags(const Instruction& i) {
  Names seen;
  for (const auto& flag : i.flags) {
    const std::size_t equals = flag.find('=');
    const std::string name = flag.substr(2, equals == flag.npos ? flag.npos : equals - 2);
    const Names& known = known_flags(i.keyword);
    const bool plain = std::find(known.begin(), known.end(), name) != known.end();
    const bool optional = std::find(known.begin(), known.end(), name + "?") != known.end();
    if (!plain && !optional) throw unknown_flag(name, known);
    if (plain && equals == flag.npos) throw DockerfileError("Missing a value on flag: " + name, {0, 0, "--" + name, {}});
    const bool repeats = name == "mount" || name == "exclude" || name == "device";
    if (!repeats && std::find(seen.begin(), seen.end(), name) != seen.end())
      throw DockerfileError("Duplicate flag specified: " + name, {0, 0, "--" + name, {}});
    seen.push_back(name);
  }
}

Error exactly_one(const Instruction& i) { return invalid(i.keyword + " requires exactly one argument"); }
Error at_least_one(const Instruction& i) { return invalid(i.keyword + " requires at least one argument"); }

void one(const Instruction& i) {
  if (i.words.size() != 1) throw exactly_one(i);
}
void some(const Instruction& i) {
  if (i.words.empty()) throw at_least_one(i);
}

void named(const Instruction& i) {
  some(i);
  for (const auto& word : i.words)
    if (word.starts_with('=')) throw invalid(i.keyword + " names can not be blank");
}

void from(const Instruction& i) {
  const bool with_name = i.words.size() == 3 && lower(i.words[1]) == "as";
  if (i.words.size() != 1 && !with_name) throw invalid("FROM requires either one or three arguments");
  if (with_name && !is_stage_name(lower(i.words[2])))
    throw DockerfileError(
        "invalid name for build stage: \"" + i.words[2] + "\", name can't start with a number or contain symbols",
        {0, 0, i.words[2], {}});
}

void copy(const Instruction& i) {
  if (i.words.size() >= 2) return;
  throw invalid(i.keyword + " requires at least two arguments" +
                (i.words.empty() ? "" : ", but only one was provided. Destination could not be determined"));
}

/// With the text of Go's time package.
std::int64_t go_duration(const std::string& text) {
  try {
    return parse_duration(text);
  } catch (const Error&) {
    const bool number = text.find_first_not_of("0123456789.+-") == text.npos;
    throw invalid(std::string("time: ") + (number ? "missing unit in" : "invalid") + " duration \"" + text + "\"");
  }
}

void health(const Instruction& i) {
  some(i);
  const std::string type = upper(i.words.front());
  if (type != "NONE" && type != "CMD")
    throw DockerfileError("Unknown type \"" + type + "\" in HEALTHCHECK (try CMD)", {0, 0, i.words.front(), {}});
  if (type == "NONE" && i.words.size() > 1) throw invalid("HEALTHCHECK NONE takes no arguments");
  if (type == "CMD" && i.words.size() == 1) throw invalid("Missing command after HEALTHCHECK CMD");
  for (const char* name : {"interval", "timeout", "start-period", "start-interval"}) {
    const std::string value = flag_value(i, name);
    if (value.empty()) continue;
    const auto time = go_duration(value);
    if (time < 0 || (time > 0 && time < 1'000'000))
      throw invalid("Interval \"" + std::string(name) + "\" cannot be less than 1ms");
  }
  const std::string retries = flag_value(i, "retries");
  if (!retries.empty() && retries.find_first_not_of("0123456789") != retries.npos)
    throw invalid("--retries cannot be \"" + retries + "\": it must be a number from 0");
}

void onbuild(const Instruction& i) {
  some(i);
  const std::string& text = i.words.front();
  const std::string trigger = upper(text.substr(0, text.find_first_of(" \t")));
  if (trigger == "ONBUILD") throw invalid("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  if (trigger == "FROM" || trigger == "MAINTAINER") throw invalid(trigger + " isn't allowed as an ONBUILD trigger");
}

void shell(const Instruction& i) {
  if (i.json && i.words.empty()) throw at_least_one(i);
  if (i.words.empty()) throw at_least_one(i);
  if (!i.json) throw invalid("SHELL requires the arguments to be in JSON form");
}

void volume(const Instruction& i) {
  some(i);
  for (const auto& path : i.words)
    if (trimmed(path).empty()) throw invalid("VOLUME specified can not be an empty string");
}

void anything(const Instruction&) {}

} // namespace

bool is_stage_name(const std::string& name) {
  if (name.empty() || name.front() < 'a' || name.front() > 'z') return false;
  return name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") == name.npos;
}

void check_instruction(const Instruction& i) {
  using Check = void (*)(const Instruction&);
  static const std::map<std::string, Check> checks = {
      {"ADD", copy},       {"ARG", named},       {"CMD", anything}, {"COPY", copy},          {"ENTRYPOINT", anything},
      {"ENV", named},      {"EXPOSE", some},     {"FROM", from},    {"HEALTHCHECK", health}, {"LABEL", named},
      {"MAINTAINER", one}, {"ONBUILD", onbuild}, {"RUN", anything}, {"SHELL", shell},        {"STOPSIGNAL", one},
      {"USER", one},       {"VOLUME", volume},   {"WORKDIR", one}};
  check_flags(i);
  checks.at(i.keyword)(i);
}

void check_instructions(const Dockerfile& file) {
  bool in_stage = false;
  for (const auto& i : file.instructions) {
    try {
      check_instruction(i);
    } catch (const Error& e) {
      const std::string classic = "dockerfile parse error line " + std::to_string(i.first_line) + ": " + e.what();
      throw located(e, classic, i.first_line, i.last_line);
    }
    if (i.keyword == "FROM") in_stage = true;
    if (!in_stage && i.keyword != "ARG")
      throw DockerfileError("no build stage in current context", {i.first_line, i.last_line, {}, {}});
  }
  if (!in_stage) throw invalid("no build stage in current context");
}

} // namespace gantry::build
