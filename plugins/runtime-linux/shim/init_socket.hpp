#pragma once

#include "shim/loop.hpp"

namespace gantry::runtime_linux::shim {

class Process;

/// The shim's end of the socket to an init that has not executed its program yet.
class InitSocket final : public Handler {
 public:
  InitSocket(Loop& loop, Process& process, UniqueFd fd);
  void on_event(std::uint32_t events) override;
  void send_go();

 private:
  Process& process_;
};

} // namespace gantry::runtime_linux::shim
