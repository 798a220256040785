#pragma once

#include <functional>
#include <string>

#include "cli/client/http.hpp"
#include "cli/streams/demux.hpp"
#include "cli/streams/output_queue.hpp"
#include "gantry/sdk/fd.hpp"

namespace gantry::cli {

/// Connects the client's stdin, stdout and stderr with a hijacked connection until the container's output ends. Neither direction
/// waits for the other: a reader of stdout that is slow keeps no input and no signal.
///
/// Signals arrive as events from the moment the session exists, so that every way out of it restores the terminal.
class Session {
 public:
  struct Options {
    bool tty = false;
    bool standard_input = false;
    bool take_signals = false;
    std::string detach_sequence{};                                    ///< see detach_sequence()
    std::function<void(int signal)> on_signal{};                      ///< every signal but SIGWINCH, SIGCHLD and SIGPIPE
    std::function<bool(unsigned rows, unsigned columns)> on_resize{}; ///< returns false when it has to be tried again
  };

  Session(Connection connection, Options options);

  /// Returns at the end of the output, or when `other` (a descriptor, -1: none) becomes readable and `stop` then returns true.
  void run(int other = -1, const std::function<bool()>& stop = {});
  /// Whether the last thing that was typed were the keys that make the daemon end the stream while the container goes on.
  bool detached() const { return !options_.detach_sequence.empty() && typed_.ends_with(options_.detach_sequence); }
  /// Waits with the signals still handled, until `other` is readable.
  void wait_for(int other);

 private:
  void read_input();
  void flush_input();
  bool read_output();
  void handle_signal();
  void resize();
  void drain();
  void finish_output();
  void consume(std::string_view data);
  bool wants_input() const { return options_.standard_input && !input_ended_ && pending_.empty(); }

  Connection connection_;
  Options options_;
  OutputQueue output_;
  Demux demux_;
  UniqueFd signals_;
  std::string pending_{};
  std::string typed_{}; ///< the end of the input, no longer than the detach sequence
  bool input_ended_ = false;
  int resize_tries_ = 0;
  int interrupts_ = 0;
  bool ending_ = false; ///< only a reader of stdout is waited for: there is nobody to pass an interrupt on to
};

/// "ctrl-p,ctrl-q" as the bytes that a terminal sends for it; Docker's keys when empty.
std::string detach_sequence(const std::string& keys);

} // namespace gantry::cli
