#include "containers/start_error.hpp"

#include <cerrno>
#include <string>

namespace gantry::containers {
namespace {

/// The driver says by its reason whether the user's program is what could not be run; everything else keeps its own words.
Error worded(const Error& cause, const std::string& prefix) {
  const bool program = cause.reason() == "command_not_found" || cause.reason() == "command_not_executable";
  if (!program && cause.reason() != "init_failed") return cause;
  // 400 for the program, as in Docker: the request names one that this container cannot run.
  const Code code = program ? Code::invalid : Code::internal;
  return {code, prefix + cause.what(), cause.reason(), cause.os_errno()};
}

} // namespace

Error start_error(const Error& cause, bool external_runtime) {
  const std::string task = "failed to create task for container: failed to create shim task: OCI runtime create failed: ";
  return worded(cause, external_runtime ? task : task + "runc create failed: unable to start container process: ");
}

Error exec_error(const Error& cause, bool external_runtime) {
  const std::string task = "OCI runtime exec failed: ";
  return worded(cause, external_runtime ? task : task + "exec failed: unable to start container process: ");
}

std::int32_t exec_code_of(const Error& error) {
  const bool missing = error.os_errno() == ENOENT || error.os_errno() == ENOTDIR;
  return missing || error.reason() == "command_not_found" ? 127 : 126;
}

std::int32_t exit_code_of(const Error& error) {
  if (error.reason() == "command_not_found") return 127;
  if (error.reason() == "command_not_executable") return 126;
  return 128;
}

} // namespace gantry::containers
