#pragma once

#include <gantry/sdk/fd.hpp>
#include <gantry/sdk/host.hpp>
#include <string>
#include <vector>

#include "driver/run_dir.hpp"
#include "plan/control.hpp"

namespace gantry::runtime_linux {

/// Sealed copy of the shim's executable in memory. A container that gets hold of /proc/<pid>/exe of its init (before
/// exec) has nothing that it could overwrite. Throws unavailable when the file cannot be read.
UniqueFd load_shim(const std::string& path);

/// A shim that is starting. Its first process hands over to the shim proper, an orphan from its first moment, and ends;
/// that one is waited for when this object goes, so that the caller can work meanwhile.
class StartingShim {
 public:
  explicit StartingShim(int shim_executable);
  ~StartingShim();
  StartingShim(const StartingShim&) = delete;
  StartingShim& operator=(const StartingShim&) = delete;

  /// The driver's end of the control connection.
  UniqueFd connection;

 private:
  int pid_ = -1;
};

/// A connection to the shim of a container; empty when no shim listens there.
UniqueFd connect_shim(const RunDir& directory);

/// Descriptor of the shim at the other end of a connection, readable once it has closed everything.
UniqueFd peer_process(int connection);
/// Waits for it, at most ten seconds.
void await_end(int process);

/// Kills the shim itself, for one that does not answer.
void kill_shim(const RunDir& directory);

struct ShimReply {
  ControlResult result = ControlResult::ok;
  ControlReason reason = ControlReason::none;
  ControlState state = ControlState::created;
  int os_errno = 0;
  int pid = 0;
  std::string message;
};

void send_request(int connection, const ControlRequest& request, const std::vector<int>& fds);

/// Waits for the reply. Errors: cancelled, deadline_exceeded, unavailable (the shim has gone).
ShimReply receive_reply(int connection, Call& call);

/// Turns what is not ok into an Error.
void check_reply(const ShimReply& reply);

/// A memfd with `bytes`, at position 0.
UniqueFd memory_file(const char* name, const char* bytes, std::size_t size);

} // namespace gantry::runtime_linux
