#include "build/run_config.hpp"

#include <algorithm>
#include <map>

#include "base/error.hpp"
#include "base/time.hpp"
#include "build/dockerfile/words.hpp"
#include "containers/model_json.hpp"
#include "containers/signals.hpp"
#include "images/change_instruction.hpp"

namespace gantry::build {
namespace {

using containers::StringList;

struct Step {
  State& state;
  const Instruction& instruction;
  const Lookup& lookup;
  char escape;

  std::string value(const std::string& word) const { return expand(word, lookup, escape); }
};

StringList command(const Step& s) {
  if (s.instruction.json) return s.instruction.words;
  StringList words = shell_of(s.state.config);
  if (!s.instruction.rest.empty()) words.push_back(s.instruction.rest);
  return words;
}

std::string quoted_list(const StringList& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + go_quoted(word);
  return "[" + text + "]";
}

std::string plain_list(const StringList& words) { return "[" + joined(words) + "]"; }

std::string cmd(const Step& s) {
  s.state.config.cmd = command(s);
  s.state.cmd_set = true;
  return "CMD " + quoted_list(*s.state.config.cmd);
}

std::string entrypoint(const Step& s) {
  auto& config = s.state.config;
  const auto words = s.instruction.words.empty() ? StringList{} : command(s);
  config.entrypoint = words;
  if (words.empty()) config.entrypoint.reset();
  if (!s.state.cmd_set) config.cmd.reset();
  return "ENTRYPOINT " + quoted_list(words);
}

/// NAME and value of "name=value", both expanded.
std::vector<std::pair<std::string, std::string>> pairs(const Step& s) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& word : s.instruction.words) {
    const std::size_t equals = word.find('=');
    all.emplace_back(s.value(word.substr(0, equals)), s.value(word.substr(equals + 1)));
    if (all.back().first.empty()) throw invalid(s.instruction.keyword + " names can not be blank");
  }
  return all;
}

std::string env(const Step& s) {
  std::string comment = "ENV";
  for (const auto& [name, value] : pairs(s)) {
    set_env(s.state.config.env, name, value);
    comment += " " + name + "=" + value;
  }
  return comment;
}

std::string label(const Step& s) {
  std::string comment = "LABEL";
  for (const auto& [name, value] : pairs(s)) {
    s.state.config.labels[name] = value;
    comment += " " + name + "=" + value;
  }
  return comment;
}

std::string maintainer(const Step& s) {
  s.state.author = s.instruction.words.front();
  return "MAINTAINER " + s.state.author;
}

std::string expose(const Step& s) {
  StringList ports;
  for (const auto& word : s.instruction.words)
    for (const auto& port : quoted_words(s.value(word), s.escape)) ports.push_back(port);
  Json config = Json::object();
  for (const auto& port : ports) images::apply_changes(config, {"EXPOSE " + port});
  auto& exposed = s.state.config.exposed_ports;
  if (config.contains("ExposedPorts"))
    for (const auto& port : config["ExposedPorts"].items()) exposed.push_back(port.key());
  std::sort(exposed.begin(), exposed.end());
  exposed.erase(std::unique(exposed.begin(), exposed.end()), exposed.end());
  std::sort(ports.begin(), ports.end());
  return "EXPOSE " + joined(ports);
}

/// %q of a number is the character.
std::string go_character(std::int64_t number) {
  static const std::map<std::int64_t, const char*> named = {{7, "\\a"},  {8, "\\b"},  {9, "\\t"}, {10, "\\n"},
                                                            {11, "\\v"}, {12, "\\f"}, {13, "\\r"}};
  if (const auto at = named.find(number); at != named.end()) return std::string("'") + at->second + "'";
  if (number >= ' ' && number < 0x7f) return std::string("'") + static_cast<char>(number) + "'";
  constexpr char digits[] = "0123456789abcdef";
  if (number < 0 || number > 0xff) return "'" + std::to_string(number) + "'";
  return std::string("'\\x") + digits[number >> 4] + digits[number & 15] + "'";
}

std::string healthcheck(const Step& s) {
  const Instruction& i = s.instruction;
  containers::Healthcheck health;
  if (upper(i.words.front()) == "NONE") {
    health.test = {"NONE"};
  } else {
    health.test = {i.json ? "CMD" : "CMD-SHELL"};
    health.test.insert(health.test.end(), i.words.begin() + 1, i.words.end());
  }
  const auto time = [&](const char* name) {
    const std::string text = flag_value(i, name);
    return text.empty() ? 0 : parse_duration(text);
  };
  health.interval_ns = time("interval");
  health.timeout_ns = time("timeout");
  health.start_period_ns = time("start-period");
  health.start_interval_ns = time("start-interval");
  const std::string retries = flag_value(i, "retries");
  if (!retries.empty()) health.retries = std::stoll(retries.substr(0, 9));
  s.state.config.healthcheck = health;
  return "HEALTHCHECK &{" + quoted_list(health.test) + " \"" + duration_text(health.interval_ns) + "\" \"" +
         duration_text(health.timeout_ns) + "\" \"" + duration_text(health.start_period_ns) + "\" " +
         go_character(health.retries) + "}";
}

std::string onbuild(const Step& s) {
  s.state.config.on_build.push_back(s.instruction.rest);
  return "ONBUILD " + s.instruction.rest;
}

std::string shell(const Step& s) {
  s.state.config.shell = s.instruction.words;
  return "SHELL " + plain_list(s.instruction.words);
}

std::string stop_signal(const Step& s) {
  const std::string name = s.value(s.instruction.words.front());
  const auto number = containers::parse_signal(name);
  if (!number || !containers::is_linux_signal(*number)) throw invalid("invalid signal: " + name);
  s.state.config.stop_signal = name;
  return "STOPSIGNAL " + name;
}

std::string user(const Step& s) {
  s.state.config.user = s.value(s.instruction.words.front());
  return "USER " + s.state.config.user;
}

std::string volume(const Step& s) {
  StringList paths;
  for (const auto& word : s.instruction.words) {
    const std::string path(trimmed(s.value(word)));
    if (path.empty()) throw invalid("VOLUME specified can not be an empty string");
    paths.push_back(path);
  }
  auto& volumes = s.state.config.volumes;
  volumes.insert(volumes.end(), paths.begin(), paths.end());
  std::sort(volumes.begin(), volumes.end());
  volumes.erase(std::unique(volumes.begin(), volumes.end()), volumes.end());
  return "VOLUME " + plain_list(paths);
}

} // namespace

StringList shell_of(const containers::Config& config) {
  return config.shell.empty() ? StringList{"/bin/sh", "-c"} : config.shell;
}

std::string joined(const StringList& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) text += (i == 0 ? "" : " ") + words[i];
  return text;
}

std::string go_quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += std::string("\\") + c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else {
      out += c;
    }
  }
  return out + "\"";
}

void set_env(StringList& env, const std::string& name, const std::string& value) {
  for (auto& entry : env) {
    if (entry.substr(0, entry.find('=')) != name) continue;
    entry = name + "=" + value;
    return;
  }
  env.push_back(name + "=" + value);
}

std::string apply_metadata(State& state, const Instruction& instruction, const Lookup& lookup, char escape) {
  using Apply = std::string (*)(const Step&);
  static const std::map<std::string, Apply> all = {
      {"CMD", cmd},     {"ENTRYPOINT", entrypoint}, {"ENV", env},         {"EXPOSE", expose}, {"HEALTHCHECK", healthcheck},
      {"LABEL", label}, {"MAINTAINER", maintainer}, {"ONBUILD", onbuild}, {"SHELL", shell},   {"STOPSIGNAL", stop_signal},
      {"USER", user},   {"VOLUME", volume}};
  return all.at(instruction.keyword)({state, instruction, lookup, escape});
}

} // namespace gantry::build
