#pragma once

#include <string>

#include "cli/client/client.hpp"
#include "cli/streams/session.hpp"

namespace gantry::cli {

/// How the client's terminal and signals are wired to a container or an exec: `path` is "/containers/ID" or "/exec/ID".
struct StreamOptions {
  bool tty = false, standard_input = false, sig_proxy = false;
  std::string detach_keys{};
};
Session::Options session_options(Client& client, const std::string& path, StreamOptions options);

/// "the input device is not a TTY", when it has to be one and is none.
void check_tty(bool tty, bool standard_input);

/// The request that hijacks a connection to the container's streams.
struct AttachStreams {
  bool standard_input = false, standard_output = true, standard_error = true, logs = false;
  std::string detach_keys{};
};
Request attach_request(const std::string& id, const AttachStreams& streams);

/// Takes the response to an upgrade request apart; throws when the daemon refused it.
Connection upgraded(Response response);

} // namespace gantry::cli
