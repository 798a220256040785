#include "cli/commands/container/session_options.hpp"

#include <unistd.h>

#include <csignal>

#include "cli/failure.hpp"
#include "cli/streams/terminal.hpp"

namespace gantry::cli {
namespace {

/// The name that the API knows a signal by.
std::string signal_name(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return name != nullptr ? name : std::to_string(signal);
}

} // namespace

Session::Options session_options(Client& client, const std::string& path, StreamOptions options) {
  Session::Options out;
  out.tty = options.tty;
  out.standard_input = options.standard_input;
  out.take_signals = options.sig_proxy;
  if (options.tty && options.standard_input) out.detach_sequence = detach_sequence(options.detach_keys);
  if (options.sig_proxy) {
    out.on_signal = [&client, path](int signal) {
      // The container may be gone already; then there is nobody to tell.
      try {
        client.send({"POST", path + "/kill", Query({{"signal", signal_name(signal)}})}).read_all();
      } catch (const Failure&) {
      }
    };
  }
  if (options.tty) {
    out.on_resize = [&client, path](unsigned rows, unsigned columns) {
      try {
        Response response =
            client.send({"POST", path + "/resize", Query({{"h", std::to_string(rows)}, {"w", std::to_string(columns)}})});
        response.read_all();
        return response.status() < 400;
      } catch (const Failure&) {
        return false;
      }
    };
  }
  return out;
}

void check_tty(bool tty, bool standard_input) {
  if (tty && standard_input && !is_terminal(STDIN_FILENO)) throw Failure("the input device is not a TTY");
}

Request attach_request(const std::string& id, const AttachStreams& s) {
  Query query = Query({{"stream", "1"}})
                    .add_unless_empty("detachKeys", s.detach_keys)
                    .add_if(s.standard_input, "stdin")
                    .add_if(s.standard_output, "stdout")
                    .add_if(s.standard_error, "stderr")
                    .add_if(s.logs, "logs");
  return {"POST", "/containers/" + url_encode(id) + "/attach", query};
}

Connection upgraded(Response response) {
  throw_unless_ok(response);
  if (response.status() != 101) throw Failure("unable to upgrade to tcp, received " + std::to_string(response.status()));
  return std::move(response).hijack();
}

} // namespace gantry::cli
