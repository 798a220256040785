#pragma once

#include "shim/loop.hpp"

namespace gantry::runtime_linux::shim {

class Process;

/// Where an external runtime delivers the terminal of a process (OCI: --console-socket): one connection, one message.
class ConsoleSocket final : public Handler {
 public:
  /// Listens at `name` in the directory `bundle`. Check is_open().
  ConsoleSocket(Loop& loop, Process& process, int bundle, const char* name);
  void on_event(std::uint32_t events) override;
  /// Takes what has been delivered so far.
  void receive();

 private:
  Process& process_;
  UniqueFd connection_;
};

} // namespace gantry::runtime_linux::shim
