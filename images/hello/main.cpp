#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>

#include "serve.hpp"

// The program of the image gantry/hello: enough to try out and to test a container engine with.
namespace {

constexpr char greeting[] = R"(Hello from Gantry!

This text comes from a program inside a container: it has its own root filesystem,
its own process and host names, and it sees nothing of your machine.

Try next:
  gantry run gantry/hello env              its environment
  gantry run gantry/hello sleep 60         a container that stays for a while
  gantry run -i gantry/hello cat           stdin to stdout
  gantry run gantry/hello serve 8080       a web server
)";

constexpr char usage[] = "hello: unknown command '%s' (known: true, exit N, sleep SECONDS, cat, env, serve PORT)\n";

/// Digits only, at most `max`; -1 otherwise.
long parse_number(const char* text, long max) {
  if (!text || !*text || strspn(text, "0123456789") != strlen(text)) return -1;
  errno = 0;
  const long number = strtol(text, nullptr, 10);
  return errno != 0 || number > max ? -1 : number;
}

int bad_argument(const char* command, const char* what, const char* given) {
  std::fprintf(stderr, "hello: %s needs %s, got %s\n", command, what, given ? given : "nothing");
  return 2;
}

int copy_input() {
  char buffer[65536];
  ssize_t got = 0;
  while ((got = read(STDIN_FILENO, buffer, sizeof buffer)) != 0) {
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return 1;
    for (ssize_t done = 0; done < got;) {
      const ssize_t written = write(STDOUT_FILENO, buffer + done, static_cast<size_t>(got - done));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return 1;
      done += written;
    }
  }
  return 0;
}

void exit_on_signal(int signo) { _exit(128 + signo); }

/// As pid 1 the kernel drops signals that have no handler.
void handle_stop_signals() {
  struct sigaction action {};
  action.sa_handler = exit_on_signal;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
}

int sleep_for(const char* text) {
  const long seconds = parse_number(text, 1'000'000'000);
  if (seconds < 0) return bad_argument("sleep", "a number of seconds", text);
  timespec left{seconds, 0};
  while (nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
  return 0;
}

int run(const char* command, const char* argument) {
  if (strcmp(command, "true") == 0) return 0;
  if (strcmp(command, "cat") == 0) return copy_input();
  if (strcmp(command, "sleep") == 0) return sleep_for(argument);
  if (strcmp(command, "env") == 0) {
    for (char** variable = environ; *variable; ++variable) std::puts(*variable);
    return 0;
  }
  if (strcmp(command, "exit") == 0) {
    const long code = parse_number(argument, 255);
    return code < 0 ? bad_argument("exit", "a code from 0 to 255", argument) : static_cast<int>(code);
  }
  if (strcmp(command, "serve") == 0) {
    const long port = parse_number(argument, 65535);
    return port < 1 ? bad_argument("serve", "a port from 1 to 65535", argument) : serve(static_cast<unsigned>(port));
  }
  std::fprintf(stderr, usage, command);
  return 2;
}

} // namespace

int main(int argc, char** argv) {
  handle_stop_signals();
  if (argc < 2) return std::fputs(greeting, stdout) < 0;
  return run(argv[1], argc > 2 ? argv[2] : nullptr);
}
