#pragma once

#include <memory>

#include "plan/control.hpp"
#include "shim/buffer.hpp"
#include "shim/json_log.hpp"
#include "shim/log_replay.hpp"
#include "shim/loop.hpp"

namespace gantry::runtime_linux::shim {

class Process;

/// One attached client. Output goes straight to its socket; what the socket does not take waits in `pending_`. Once more
/// than `max_pending` waits there the process is not read, as in Docker; until then a client that does not read holds up
/// nobody. A client that went away is dropped.
class Client final : public Handler {
 public:
  Client(Loop& loop, const ControlRequest& request, UniqueFd socket);
  ~Client() override;

  /// Now belongs to `process`; `pending` is a file of stdin bytes that came with the request, or none.
  void begin(Process& process, UniqueFd pending);
  void on_event(std::uint32_t events) override;
  void send(StreamKind stream, const char* data, std::size_t size);
  /// Does the process have to wait for this client?
  bool is_behind() const { return !replay_ && pending_.size() > max_pending; }
  bool has_pending() const { return !pending_.empty(); }
  /// No more output will come: close once everything has been sent.
  void finish();
  /// Waits for what this client can do next.
  void listen();

 private:
  static constexpr std::size_t max_pending = 1 << 20;
  bool wants(StreamKind stream) const { return flags_ & (stream == StreamKind::out ? attach_out : attach_err); }
  void send_now(StreamKind stream, const char* data, std::size_t size);
  void transmit(const void* head, std::size_t head_size, const char* data, std::size_t size);
  void receive();
  bool contains_detach_keys(const char* data, std::size_t* size);
  void send_pending();
  void go_on_replaying();
  void leave();

  Process* process_ = nullptr;
  std::uint32_t flags_;
  char detach_keys_[max_detach_keys];
  std::uint32_t detach_size_;
  std::uint32_t detach_matched_ = 0;
  std::unique_ptr<LogReplay> replay_;
  Buffer pending_;
  Buffer early_input_; ///< until the process can take it
  bool input_ended_ = false;
  bool finishing_ = false;
  bool left_ = false;
};

} // namespace gantry::runtime_linux::shim
