#pragma once

#include "plan/control.hpp"
#include "shim/loop.hpp"

namespace gantry::runtime_linux::shim {

class Shim;

/// One control connection: one request, one reply, and then perhaps a life as somebody's exit_fd.
class Connection final : public Handler {
 public:
  Connection(Loop& loop, Shim& shim, UniqueFd socket);
  void on_event(std::uint32_t events) override;
  void reply(ControlReply& reply);
  void reply(ControlResult result, const char* message);

 private:
  Shim& shim_;
  bool served_ = false;
};

class Listener final : public Handler {
 public:
  Listener(Loop& loop, Shim& shim, UniqueFd socket);
  void on_event(std::uint32_t events) override;

 private:
  Shim& shim_;
};

} // namespace gantry::runtime_linux::shim
