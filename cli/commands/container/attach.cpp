#include <unistd.h>

#include <optional>

#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/container/session_options.hpp"
#include "cli/failure.hpp"
#include "cli/streams/terminal.hpp"
#include "cli/streams/wait.hpp"

namespace gantry::cli {

int attach_container(Invocation& in) {
  std::string detach_keys;
  bool no_stdin = false, sig_proxy = true;
  FlagSet flags(in);
  flags.text("detach-keys", 0, detach_keys, "Keys that detach from the container");
  flags.boolean("no-stdin", 0, no_stdin, "Leave STDIN alone");
  flags.boolean("sig-proxy", 0, sig_proxy, "Pass signals on to the container").standard = "true";
  const std::string name = flags.parse()[0];
  const Json container = in.client.get("/containers/" + url_encode(name) + "/json");
  const Json& state = container["State"];
  if (!state.value("Running", false)) throw Failure("You cannot attach to a stopped container, start it first");
  if (state.value("Paused", false)) throw Failure("You cannot attach to a paused container, unpause it first");
  if (state.value("Restarting", false)) throw Failure("You cannot attach to a restarting container, wait until it is running");
  const std::string id = container["Id"];
  const bool tty = container["Config"].value("Tty", false);
  const bool input = !no_stdin && container["Config"].value("OpenStdin", false);
  check_tty(tty, input);

  ExitWait wait(in.client, id, "");
  const Request request = attach_request(id, {input, true, true, false, detach_keys});
  Connection stream = upgraded(in.client.receive(in.client.begin(request, true), request));
  std::optional<RawMode> raw;
  if (tty && input) raw.emplace(STDIN_FILENO);
  Session session(std::move(stream),
                  session_options(in.client, "/containers/" + id, {tty, input, sig_proxy && !tty, detach_keys}));
  session.run();
  return session.detached() ? 0 : wait.status(&session);
}

} // namespace gantry::cli
