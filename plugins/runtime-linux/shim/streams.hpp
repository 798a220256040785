#pragma once

#include "shim/buffer.hpp"
#include "shim/json_log.hpp"
#include "shim/loop.hpp"

namespace gantry::runtime_linux::shim {

class Process;

/// The shim's end of a process's stdout or stderr, or of its terminal.
class Output final : public Handler {
 public:
  Output(Loop& loop, Process& process, StreamKind kind, UniqueFd fd);
  void on_event(std::uint32_t events) override;
  /// Reads what is there now, without regard for slow clients, then closes.
  void drain();
  /// Takes what is there now and forgets it.
  void discard();

 private:
  /// False when there is no more for now or for ever.
  bool read_once();
  Process& process_;
  StreamKind kind_;
};

/// The shim's end of a process's stdin. What the process does not take at once waits here, and clients are not read.
class Input final : public Handler {
 public:
  Input(Loop& loop, Process& process, UniqueFd fd);
  void on_event(std::uint32_t events) override;
  void write(const char* data, std::size_t size);
  bool ready() const { return pending_.empty(); }
  /// Closes once everything pending has been written.
  void end();

 private:
  bool write_pending();
  Process& process_;
  Buffer pending_;
  bool ending_ = false;
};

} // namespace gantry::runtime_linux::shim
