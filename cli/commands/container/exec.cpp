#include <unistd.h>

#include <optional>

#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/container/env_file.hpp"
#include "cli/commands/container/session_options.hpp"
#include "cli/failure.hpp"
#include "cli/streams/exec_status.hpp"
#include "cli/streams/terminal.hpp"

namespace gantry::cli {
namespace {

using Strings = std::vector<std::string>;

struct ExecOptions {
  bool detach = false, interactive = false, tty = false, privileged = false;
  std::string detach_keys, user, workdir;
  Strings env, env_file;
};

Json exec_body(const ExecOptions& o, const Strings& words) {
  Strings env;
  for (const std::string& file : o.env_file)
    for (std::string& line : read_pairs_file(file, true)) env.push_back(std::move(line));
  for (const std::string& variable : o.env) env.push_back(with_client_value(variable));
  return {{"User", o.user},
          {"Privileged", o.privileged},
          {"Tty", o.tty},
          {"AttachStdin", !o.detach && o.interactive},
          {"AttachStderr", !o.detach},
          {"AttachStdout", !o.detach},
          {"Detach", o.detach},
          {"DetachKeys", o.detach_keys},
          {"Env", env.empty() ? Json(nullptr) : Json(env)},
          {"WorkingDir", o.workdir},
          {"Cmd", Strings(words.begin() + 1, words.end())}};
}

int attached(Client& client, const std::string& id, const ExecOptions& o) {
  const std::string path = "/exec/" + id;
  const Request start{"POST", path + "/start", {}, Json{{"Detach", false}, {"Tty", o.tty}}};
  std::optional<RawMode> raw;
  if (o.tty && o.interactive) raw.emplace(STDIN_FILENO);
  Session session(upgraded(client.receive(client.begin(start, true), start)),
                  session_options(client, path, {o.tty, o.interactive, false, o.detach_keys}));
  session.run();
  if (session.detached()) return 0;
  return exec_status(client, id);
}

} // namespace

int exec_in_container(Invocation& in) {
  ExecOptions o;
  FlagSet flags(in);
  flags.boolean("detach", 'd', o.detach, "Run the command in the background");
  flags.text("detach-keys", 0, o.detach_keys, "Keys that detach from the command");
  flags.list("env", 'e', o.env, "Set an environment variable");
  flags.list("env-file", 0, o.env_file, "Read environment variables from a file");
  flags.boolean("interactive", 'i', o.interactive, "Keep STDIN open");
  flags.boolean("privileged", 0, o.privileged, "Give the command the daemon's own privileges");
  flags.boolean("tty", 't', o.tty, "Give the command a terminal");
  flags.text("user", 'u', o.user, "User name or UID, and group (format: \"<name|uid>[:<group|gid>]\")");
  flags.text("workdir", 'w', o.workdir, "Working directory inside the container");
  const Strings words = flags.parse(FlagSet::Stop::at_first_word);
  if (!o.detach) check_tty(o.tty, o.interactive);
  const Json created =
      in.client.call({"POST", "/containers/" + url_encode(words[0]) + "/exec", {}, exec_body(o, words)}).read_json();
  const std::string id = created.value("Id", "");
  if (id.empty()) throw Failure("exec ID empty");
  if (!o.detach) return attached(in.client, id, o);
  in.client.call({"POST", "/exec/" + id + "/start", {}, Json{{"Detach", true}, {"Tty", o.tty}}}).read_all();
  return 0;
}

} // namespace gantry::cli
