#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <iterator>

#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/credentials/registry_auth.hpp"
#include "cli/failure.hpp"
#include "cli/streams/terminal.hpp"

namespace gantry::cli {
namespace {

/// Keeps what is typed off the screen.
class NoEcho {
 public:
  NoEcho() {
    active_ = ::tcgetattr(STDIN_FILENO, &saved_) == 0;
    termios quiet = saved_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    if (active_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  ~NoEcho() {
    if (active_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved_);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

 private:
  termios saved_{};
  bool active_ = false;
};

std::string ask(const char* prompt) {
  std::printf("%s", prompt);
  std::fflush(stdout);
  std::string line;
  std::getline(std::cin, line);
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

std::string password_from_stdin() {
  std::string text{std::istreambuf_iterator<char>(std::cin), {}};
  if (!text.empty() && text.back() == '\n') text.pop_back();
  if (!text.empty() && text.back() == '\r') text.pop_back();
  return text;
}

void ask_for_missing(RegistryLogin& login) {
  if (!login.username.empty() && !login.password.empty()) return;
  if (!is_terminal(STDIN_FILENO)) throw Failure("Error: Cannot perform an interactive login from a non TTY device");
  if (login.username.empty()) login.username = ask("Username: ");
  if (login.username.empty()) throw Failure("Error: Non-null Username Required");
  if (login.password.empty()) {
    const NoEcho quiet;
    login.password = ask("Password: ");
    std::printf("\n");
  }
  if (login.password.empty()) throw Failure("Error: Password Required");
}

/// Asks the daemon to try; an identity token takes the place of the password.
void check_login(Client& client, const std::string& server, RegistryLogin& login) {
  const Json answer = client.call({"POST", "/auth", {}, auth_config(server, login)}).read_json();
  const std::string token = answer.value("IdentityToken", "");
  if (token.empty()) return;
  login.password.clear();
  login.identity_token = token;
}

bool try_known(Client& client, const std::string& server, ConfigFile& config) {
  RegistryLogin known = config.login(server);
  if (known.empty()) return false;
  std::printf("Authenticating with existing credentials...\n");
  std::fflush(stdout);
  try {
    check_login(client, server, known);
  } catch (const DaemonError& e) {
    std::fprintf(stderr, "Login did not succeed, error: %s\n", e.what());
    return false;
  }
  config.store(server, known);
  return true;
}

} // namespace

int log_in(Invocation& in) {
  RegistryLogin login;
  bool from_stdin = false;
  FlagSet flags(in);
  flags.text("password", 'p', login.password, "Password or token");
  flags.boolean("password-stdin", 0, from_stdin, "Read the password from standard input");
  flags.text("username", 'u', login.username, "User name");
  const auto words = flags.parse();
  if (!login.password.empty()) {
    std::fprintf(stderr, "WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n");
    if (from_stdin) throw Failure("--password and --password-stdin are mutually exclusive");
  }
  if (from_stdin && login.username.empty()) throw Failure("Must provide --username with --password-stdin");
  if (from_stdin) login.password = password_from_stdin();
  const std::string server = server_key(words.empty() ? "" : words[0]);
  ConfigFile config;
  if (login.username.empty() && login.password.empty() && try_known(in.client, server, config)) {
    std::printf("Login Succeeded\n");
    return 0;
  }
  ask_for_missing(login);
  check_login(in.client, server, login);
  if (config.store(server, login))
    std::fprintf(
        stderr,
        "\nWARNING! Your credentials are stored unencrypted in '%s'.\nName a credential helper in \"credsStore\" there to "
        "have them kept safely.\n\n",
        config.path().c_str());
  std::printf("Login Succeeded\n");
  return 0;
}

} // namespace gantry::cli
