#include "cli/dispatch.hpp"

#include <unistd.h>

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
  bool tls = false, verify = false;
  TlsOptions files{};
};

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

/// Where the files for TLS are unless flags name them; --config has become the last of them.
std::string certificate_directory() {
  for (const char* name : {"DOCKER_CERT_PATH", "GANTRY_CONFIG", "DOCKER_CONFIG"})
    if (is_set(name)) return std::getenv(name);
  return (is_set("HOME") ? std::string(std::getenv("HOME")) : "") + "/.docker";
}

/// By the rules of docker's client: --tlsverify switches TLS on whatever its value, and files that nobody named may be missing.
std::optional<TlsOptions> tls_options(const Globals& globals) {
  if (!globals.tls) return std::nullopt;
  TlsOptions options = globals.files;
  options.verify = globals.verify;
  const std::string directory = certificate_directory();
  const auto settle = [&directory](std::string& file, const char* standard, bool must_be) {
    if (!file.empty()) return;
    const std::string path = directory + "/" + standard;
    if (must_be || ::access(path.c_str(), F_OK) == 0) file = path;
  };
  settle(options.authorities, "ca.pem", options.verify);
  settle(options.certificate, "cert.pem", false);
  settle(options.key, "key.pem", false);
  if (options.certificate.empty() || options.key.empty()) options.certificate = options.key = "";
  for (const std::string& file : {options.authorities, options.certificate, options.key}) {
    if (!file.empty() && ::access(file.c_str(), R_OK) != 0)
      throw Failure("Failed to initialize: unable to resolve docker endpoint: open " + file + ": " +
                    (errno == ENOENT ? "no such file or directory" : "permission denied"));
  }
  return options;
}

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
  globals.verify = is_set("DOCKER_TLS_VERIFY");
  globals.tls = is_set("DOCKER_TLS");
  flags.boolean("tls", 0, globals.tls, "");
  flags.boolean("tlsverify", 0, globals.verify, "");
  flags.text("tlscacert", 0, globals.files.authorities, "");
  flags.text("tlscert", 0, globals.files.certificate, "");
  flags.text("tlskey", 0, globals.files.key, "");
  auto words = flags.parse(FlagSet::Stop::at_first_word);
  globals.tls = globals.tls || globals.verify || flags.changed("tlsverify");
  return words;
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
  Client client{parse_host(globals.hosts.empty() ? default_host() : globals.hosts[0], tls_options(globals))};
  Invocation invocation{*command, "gantry " + (object.empty() ? "" : object + " ") + words[name], {}, client};
  invocation.args.assign(words.begin() + static_cast<std::ptrdiff_t>(name) + 1, words.end());
  return command->run(invocation);
}

} // namespace gantry::cli
