#pragma once

#include <cstdint>

// The control protocol between driver and shim: SOCK_SEQPACKET, one request and one reply per connection. A driver
// speaks to shims that an earlier release started, so operations are only added and structures grow at their tail.
//
// The connection over which a process was made (create: the inherited socket; exec; watch) stays open after its reply
// and hangs up when the exit status of that process is durable: it is the exit_fd.
namespace gantry::runtime_linux {

inline constexpr std::uint32_t control_version = 1;

/// Names inside the run directory of a container.
inline constexpr const char* control_socket_name = "control";
inline constexpr const char* exit_file_name = "exit";
inline constexpr const char* exec_file_prefix = "exec-";

enum class ControlOp : std::uint32_t {
  create = 1, ///< fds: plan, run directory
  start,      ///< replies once the program runs
  exec,       ///< fds: plan [, client [, pending]]; replies once the program runs
  attach,     ///< fds: client [, pending]
  resize,
  close_stdin,
  signal,
  status,
  watch, ///< status, and the connection becomes an exit_fd
  execs, ///< message: ids of live execs, one per line
  quit,  ///< the shim ends without waiting for anything
};

enum AttachFlag : std::uint32_t {
  attach_in = 1,
  attach_out = 2,
  attach_err = 4,
  attach_framed = 8,
  attach_replay = 16,
  attach_stream = 32,
  attach_client = 64,   ///< a client descriptor is among the fds
  attach_pending = 128, ///< a memfd with stdin bytes is the last of the fds
};

/// In the `attach_flags` of a signal: to the process group. A shim that does not know it signals the process alone.
inline constexpr std::uint32_t signal_group = 256;

inline constexpr std::uint32_t max_exec_id = 128;
inline constexpr std::uint32_t max_detach_keys = 64;

struct ControlRequest {
  std::uint32_t version = control_version;
  ControlOp op = ControlOp::status;
  std::uint32_t attach_flags = 0;
  std::int32_t signo = 0;
  std::uint16_t rows = 0, cols = 0;
  std::uint32_t exec_id_size = 0, detach_keys_size = 0;
  char exec_id[max_exec_id] = {};
  char detach_keys[max_detach_keys] = {};
};

enum class ControlResult : std::uint32_t { ok = 0, not_found, invalid, forbidden_state, failed, exists };
enum class ControlReason : std::uint32_t {
  none = 0,
  init_failed,
  command_not_found,
  command_not_executable,
  user_not_found,
  file_not_found ///< what is to be mounted or unmounted is not there
};
enum class ControlState : std::uint32_t { created = 0, running, stopped };

inline constexpr std::uint32_t max_control_message = 16384;

/// Followed on the wire by the first `message_size` bytes of `message` only.
struct ControlReply {
  std::uint32_t version = control_version;
  ControlResult result = ControlResult::ok;
  ControlReason reason = ControlReason::none;
  ControlState state = ControlState::created;
  std::int32_t os_errno = 0;
  std::int32_t pid = 0;
  std::uint32_t message_size = 0;
  char message[max_control_message];
};

inline constexpr std::uint32_t control_reply_head = sizeof(ControlReply) - max_control_message;

/// What init tells the shim over their socket; the socket closes when the program has been executed.
enum class InitMessage : std::uint32_t { failed = 1, terminal = 2, ready = 3 };

struct InitReport {
  InitMessage kind = InitMessage::failed;
  ControlReason reason = ControlReason::init_failed;
  std::int32_t os_errno = 0;
  char text[1012] = {};
};

} // namespace gantry::runtime_linux
