#include <unistd.h>

#include <cstdio>
#include <optional>

#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/container/session_options.hpp"
#include "cli/failure.hpp"
#include "cli/streams/terminal.hpp"
#include "cli/streams/wait.hpp"

namespace gantry::cli {
namespace {

int start_attached(Client& client, const std::string& name, bool interactive, const std::string& detach_keys) {
  const Json container = client.get("/containers/" + url_encode(name) + "/json");
  const std::string id = container["Id"];
  const Json& config = container["Config"];
  const bool tty = config.value("Tty", false);
  const bool input = interactive && config.value("OpenStdin", false);
  const Request attach = attach_request(id, {input, true, true, false, detach_keys});
  Connection stream = upgraded(client.receive(client.begin(attach, true), attach));
  ExitWait wait(client, id, container["HostConfig"].value("AutoRemove", false) ? "removed" : "next-exit");
  std::optional<RawMode> raw;
  if (tty && input) raw.emplace(STDIN_FILENO);
  Session session(std::move(stream), session_options(client, "/containers/" + id, {tty, input, !tty, detach_keys}));
  client.post("/containers/" + id + "/start");
  session.run();
  return session.detached() ? 0 : wait.status(&session);
}

int start_detached(Client& client, const std::vector<std::string>& names) {
  std::string failed;
  for (const std::string& name : names) {
    try {
      client.post("/containers/" + url_encode(name) + "/start");
      std::printf("%s\n", name.c_str());
    } catch (const DaemonError& e) {
      std::fprintf(stderr, "%s\n", e.what());
      failed += (failed.empty() ? "" : ", ") + name;
    }
  }
  if (!failed.empty()) throw Failure("Error: failed to start containers: " + failed);
  return 0;
}

} // namespace

int start_containers(Invocation& in) {
  bool attach = false, interactive = false;
  std::string detach_keys;
  FlagSet flags(in);
  flags.boolean("attach", 'a', attach, "Show the output and pass signals on");
  flags.text("detach-keys", 0, detach_keys, "Keys that detach from the container");
  flags.boolean("interactive", 'i', interactive, "Connect STDIN with the container");
  const auto names = flags.parse();
  if (!attach && !interactive) return start_detached(in.client, names);
  if (names.size() > 1) throw Failure("you cannot start and attach multiple containers at once");
  return start_attached(in.client, names[0], interactive, detach_keys);
}

} // namespace gantry::cli
