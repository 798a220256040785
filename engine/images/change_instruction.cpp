#include "images/change_instruction.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <sstream>

#include "base/error.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "images/instruction_words.hpp"

namespace gantry::images {
namespace {

using Instruction = void (*)(Json& config, const std::string& rest);

std::vector<std::string> env_of(const Json& config) {
  auto env = config.find("Env");
  return env == config.end() ? std::vector<std::string>() : env->get<std::vector<std::string>>();
}

std::string one_argument(const Json& config, const std::string& rest, const std::string& instruction) {
  auto words = split_words(rest);
  if (words.size() != 1) throw invalid(instruction + " requires exactly one argument");
  return expand_word(words[0], env_of(config));
}

std::vector<std::string> command(const std::string& rest) {
  std::vector<std::string> list;
  if (parse_exec_form(rest, list)) return list;
  return {"/bin/sh", "-c", rest};
}

void set_cmd(Json& config, const std::string& rest) { config["Cmd"] = command(rest); }

void set_entrypoint(Json& config, const std::string& rest) { config["Entrypoint"] = command(rest); }

void set_env(Json& config, const std::string& rest) {
  auto env = env_of(config);
  for (const auto& [key, value] : parse_pairs(rest, "ENV", env_of(config))) {
    std::erase_if(env, [&, name = key](const std::string& entry) { return entry.starts_with(name + "="); });
    env.push_back(key + "=" + value);
  }
  config["Env"] = env;
}

void set_label(Json& config, const std::string& rest) {
  for (const auto& [key, value] : parse_pairs(rest, "LABEL", env_of(config))) config["Labels"][key] = value;
}

int parse_port(std::string_view text, const std::string& whole) {
  int port = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port < 1 || port > 65535)
    throw invalid("Invalid containerPort: " + whole);
  return port;
}

void expose(Json& config, const std::string& word) {
  auto slash = word.find('/');
  auto range = word.substr(0, slash);
  auto protocol = slash == word.npos ? "tcp" : word.substr(slash + 1);
  if (protocol != "tcp" && protocol != "udp" && protocol != "sctp") throw invalid("Invalid proto: " + protocol);
  auto dash = range.find('-');
  int first = parse_port(range.substr(0, dash), range);
  int last = dash == range.npos ? first : parse_port(range.substr(dash + 1), range);
  if (last < first) throw invalid("Invalid containerPort: " + range);
  for (int port = first; port <= last; ++port) config["ExposedPorts"][std::to_string(port) + "/" + protocol] = Json::object();
}

void set_expose(Json& config, const std::string& rest) {
  auto words = split_words(rest);
  if (words.empty()) throw invalid("EXPOSE requires at least one argument");
  for (const auto& word : words) expose(config, expand_word(word, env_of(config)));
}

void set_user(Json& config, const std::string& rest) { config["User"] = one_argument(config, rest, "USER"); }

void set_stop_signal(Json& config, const std::string& rest) { config["StopSignal"] = one_argument(config, rest, "STOPSIGNAL"); }

void set_workdir(Json& config, const std::string& rest) {
  if (rest.empty()) throw invalid("WORKDIR requires exactly one argument");
  std::filesystem::path dir = config.value("WorkingDir", std::string("/"));
  auto path = (dir / expand_word(rest, env_of(config))).lexically_normal().string();
  if (path.size() > 1 && path.ends_with('/')) path.pop_back();
  config["WorkingDir"] = path.starts_with('/') ? path : "/" + path;
}

void set_volume(Json& config, const std::string& rest) {
  std::vector<std::string> paths;
  if (!parse_exec_form(rest, paths)) paths = split_words(rest);
  if (paths.empty()) throw invalid("VOLUME requires at least one argument");
  for (const auto& word : paths) {
    auto path = expand_word(word, env_of(config));
    if (path.empty()) throw invalid("VOLUME specified can not be an empty string");
    config["Volumes"][path] = Json::object();
  }
}

void set_onbuild(Json& config, const std::string& rest) {
  auto trigger = rest.substr(0, rest.find_first_of(" \t"));
  std::transform(trigger.begin(), trigger.end(), trigger.begin(), [](unsigned char c) { return std::toupper(c); });
  if (trigger.empty()) throw invalid("ONBUILD requires at least one argument");
  if (trigger == "ONBUILD") throw invalid("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  if (trigger == "FROM" || trigger == "MAINTAINER") throw invalid(trigger + " isn't allowed as an ONBUILD trigger");
  config["OnBuild"].push_back(rest);
}

/// "--interval=3s" into `health`.
void set_health_flag(Json& health, const std::string& flag) {
  static const std::map<std::string, const char*> durations{
      {"interval", "Interval"}, {"timeout", "Timeout"}, {"start-period", "StartPeriod"}, {"start-interval", "StartInterval"}};
  auto equals = flag.find('=');
  auto name = flag.substr(2, equals == flag.npos ? flag.npos : equals - 2);
  auto value = equals == flag.npos ? "" : flag.substr(equals + 1);
  if (name == "retries") {
    int retries = 0;
    auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), retries);
    if (error != std::errc() || end != value.data() + value.size() || retries < 0)
      throw invalid("--retries cannot be \"" + value + "\": it must be a number from 0");
    health["Retries"] = retries;
  } else if (auto duration = durations.find(name); duration != durations.end()) {
    health[duration->second] = parse_duration(value);
  } else {
    throw invalid("unknown flag: " + name);
  }
}

void set_healthcheck(Json& config, const std::string& rest) {
  Json health = Json::object();
  auto left = rest;
  while (left.starts_with("--")) {
    auto blank = left.find_first_of(" \t");
    set_health_flag(health, left.substr(0, blank));
    auto next = left.find_first_not_of(" \t", blank);
    left = next == left.npos ? "" : left.substr(next);
  }
  auto type = left.substr(0, left.find_first_of(" \t"));
  auto text = left.substr(std::min(left.size(), left.find_first_not_of(" \t", type.size())));
  std::transform(type.begin(), type.end(), type.begin(), [](unsigned char c) { return std::toupper(c); });
  if (type.empty()) throw invalid("HEALTHCHECK requires at least one argument");
  if (type == "NONE" && !text.empty()) throw invalid("HEALTHCHECK NONE takes no arguments");
  if (type != "NONE" && type != "CMD") throw invalid("Unknown type \"" + type + "\" in HEALTHCHECK (try CMD)");
  if (type == "CMD" && text.empty()) throw invalid("Missing command after HEALTHCHECK CMD");
  std::vector<std::string> test{type}, exec;
  bool is_exec = parse_exec_form(text, exec);
  if (type == "CMD" && !is_exec) test = {"CMD-SHELL", text};
  if (is_exec) test.insert(test.end(), exec.begin(), exec.end());
  health["Test"] = test;
  config["Healthcheck"] = health;
}

void apply_line(Json& config, const std::string& line) {
  static const std::map<std::string, Instruction> instructions{
      {"cmd", set_cmd},         {"entrypoint", set_entrypoint},   {"env", set_env},
      {"expose", set_expose},   {"healthcheck", set_healthcheck}, {"label", set_label},
      {"onbuild", set_onbuild}, {"stopsignal", set_stop_signal},  {"user", set_user},
      {"volume", set_volume},   {"workdir", set_workdir}};
  auto blank = line.find_first_of(" \t");
  const std::string name = lower(line.substr(0, blank));
  auto at = instructions.find(name);
  if (at == instructions.end()) throw invalid(line.substr(0, blank) + " is not a valid change command");
  auto rest = line.find_first_not_of(" \t", blank);
  at->second(config, blank == line.npos || rest == line.npos ? "" : line.substr(rest));
}

} // namespace

void apply_changes(Json& config, const std::vector<std::string>& changes) {
  for (const auto& change : changes) {
    std::stringstream lines(change);
    for (std::string line; std::getline(lines, line);) {
      auto from = line.find_first_not_of(" \t\r");
      if (from == line.npos || line[from] == '#') continue;
      apply_line(config, line.substr(from, line.find_last_not_of(" \t\r") - from + 1));
    }
  }
}

} // namespace gantry::images
