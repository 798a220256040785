#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <optional>
#include <stdexcept>

#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/container/create_container.hpp"
#include "cli/commands/container/create_options.hpp"
#include "cli/commands/container/session_options.hpp"
#include "cli/failure.hpp"
#include "cli/streams/terminal.hpp"
#include "cli/streams/wait.hpp"

namespace gantry::cli {
namespace {

struct RunOptions : CreateOptions {
  bool detach = false, sig_proxy = true;
  std::string detach_keys;
};

int exit_code_of_failed_start(const std::string& message) {
  const auto says = [&message](const char* part) { return ::strcasestr(message.c_str(), part) != nullptr; };
  if (says("executable file not found") || says("no such file or directory") || says("system cannot find the file specified"))
    return 127;
  if (says("permission denied") || says("is a directory")) return 126;
  return 125;
}

Failure reported(const Invocation& in, const std::string& message, int code) {
  return Failure("gantry: " + message + "\n\nRun '" + in.path + " --help' for more information", code);
}

void start(Invocation& in, const std::string& id) {
  try {
    in.client.post("/containers/" + id + "/start");
  } catch (const DaemonError& e) {
    throw reported(in, e.what(), exit_code_of_failed_start(e.what()));
  }
}

/// Attaches and registers for the exit before the container runs its first instruction; the two requests travel together.
int run_attached(Invocation& in, const RunOptions& o, const Json& config, const std::string& id) {
  Client& client = in.client;
  const AttachStreams streams{config["AttachStdin"], config["AttachStdout"], config["AttachStderr"], false, o.detach_keys};
  const std::string condition = o.rm ? "removed" : "next-exit";
  const Request attach = attach_request(id, streams);
  Connection attaching = client.begin(attach, true);
  Connection waiting = client.begin(ExitWait::request(id, condition), false);
  Connection stream = upgraded(client.receive(std::move(attaching), attach));
  ExitWait wait(client, id, condition, std::move(waiting));

  std::optional<RawMode> raw;
  if (o.tty && streams.standard_input) raw.emplace(STDIN_FILENO);
  const StreamOptions wiring{o.tty, streams.standard_input, o.sig_proxy && !o.tty, o.detach_keys};
  Session session(std::move(stream), session_options(client, "/containers/" + id, wiring));
  start(in, id);
  session.run();
  return session.detached() ? 0 : wait.status(&session);
}

void check(const RunOptions& o) {
  if (o.detach && !o.attach.empty()) throw Failure("conflicting options: cannot specify both --attach and --detach");
  if (!o.detach) check_tty(o.tty, o.interactive && o.attach.empty());
}

} // namespace

int run_container(Invocation& in) {
  RunOptions o;
  FlagSet flags(in);
  add_create_flags(flags, o);
  flags.boolean("detach", 'd', o.detach, "Run the container in the background and print its ID");
  flags.text("detach-keys", 0, o.detach_keys, "Keys that detach from the container");
  flags.boolean("sig-proxy", 0, o.sig_proxy, "Pass signals on to the container").standard = "true";
  const Strings words = flags.parse(FlagSet::Stop::at_first_word);
  Json body;
  std::string id;
  try {
    body = create_body(o, flags, words, o.detach);
    // The size is there before the program asks for it; a resize after the start could come too late.
    if (const auto [rows, columns] = terminal_size(STDOUT_FILENO); o.tty && rows != 0)
      body["HostConfig"]["ConsoleSize"] = {rows, columns};
  } catch (const Failure& e) {
    throw reported(in, e.what(), 125);
  } catch (const std::invalid_argument& e) {
    throw reported(in, e.what(), 125);
  }
  check(o);
  try {
    id = create_container(in.client, o, body);
  } catch (const Failure& e) {
    throw reported(in, e.what(), 125);
  }
  const bool attached = body["AttachStdin"] || body["AttachStdout"] || body["AttachStderr"];
  if (attached) return run_attached(in, o, body, id);
  start(in, id);
  std::printf("%s\n", id.c_str());
  return 0;
}

} // namespace gantry::cli
