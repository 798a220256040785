#include "cli/dispatch.hpp"

#include <cstdio>
#include <cstdlib>

#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/command.hpp"
#include "cli/commands/help.hpp"
#include "cli/failure.hpp"

namespace gantry::cli {
namespace {

struct Globals {
  std::string config, log_level, context;
  std::vector<std::string> hosts;
  bool debug = false, version = false;
};

std::string default_host() {
  for (const char* name : {"GANTRY_HOST", "DOCKER_HOST"})
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return value;
  return "unix:///run/gantry.sock";
}

/// The words after the global flags: the command and what follows it.
std::vector<std::string> parse_globals(const std::vector<std::string>& args, Globals& globals) {
  static constexpr Command program{"", "", "", "", "[OPTIONS] COMMAND [ARG...]", "", 0, -1, nullptr};
  if (!args.empty() && (args[0] == "--help" || args[0] == "-h")) return {"help"};
  Client none{Host{}};
  const Invocation invocation{program, "gantry", args, none};
  FlagSet flags(invocation);
  flags.text("config", 0, globals.config, "");
  flags.text("context", 'c', globals.context, "");
  flags.boolean("debug", 'D', globals.debug, "");
  flags.list("host", 'H', globals.hosts, "");
  flags.text("log-level", 'l', globals.log_level, "");
  flags.boolean("version", 'v', globals.version, "");
  return flags.parse(FlagSet::Stop::at_first_word);
}

bool has_alias(const Command& command, std::string_view word) {
  const std::string padded = " " + std::string(command.aliases) + " ";
  return padded.find(" " + std::string(word) + " ") != std::string::npos;
}

const Command* find(std::string_view object, std::string_view word) {
  for (const Command& command : commands()) {
    if (object.empty() ? command.top == word : command.object == object && (command.verb == word || has_alias(command, word)))
      return &command;
  }
  return nullptr;
}

int print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

} // namespace

int dispatch(const std::vector<std::string>& args) {
  Globals globals;
  std::vector<std::string> words = parse_globals(args, globals);
  if (globals.version) return print("Gantry version " GANTRY_VERSION "\n");
  if (!words.empty() && words[0] == "help") {
    words.erase(words.begin());
    if (words.empty()) return print(program_help());
    words.push_back("--help");
  }
  if (words.empty()) return print(program_help());
  if (globals.hosts.size() > 1) throw Failure("Specify only one -H");
  if (!globals.config.empty()) ::setenv("DOCKER_CONFIG", globals.config.c_str(), 1);
  const std::string object = is_object(words[0]) ? words[0] : "";
  if (!object.empty() && (words.size() == 1 || words[1] == "--help" || words[1] == "-h")) return print(object_help(object));
  const std::size_t name = object.empty() ? 0 : 1;
  const Command* command = find(object, words[name]);
  if (command == nullptr) throw Failure(unknown_command(object, words[name]));
  Client client{parse_host(globals.hosts.empty() ? default_host() : globals.hosts[0])};
  Invocation invocation{*command, "gantry " + (object.empty() ? "" : object + " ") + words[name], {}, client};
  invocation.args.assign(words.begin() + static_cast<std::ptrdiff_t>(name) + 1, words.end());
  return command->run(invocation);
}

} // namespace gantry::cli
