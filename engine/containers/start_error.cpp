#include "containers/start_error.hpp"

namespace gantry::containers {
namespace {

/// The driver says by its reason whether the user's program is what could not be run; everything else keeps its own words.
Error worded(const Error& cause, const char* prefix) {
  const bool program = cause.reason() == "command_not_found" || cause.reason() == "command_not_executable";
  if (!program && cause.reason() != "init_failed") return cause;
  // 400 for the program, as in Docker: the request names one that this container cannot run.
  const Code code = program ? Code::invalid : Code::internal;
  return {code, std::string(prefix) + cause.what() + ": unknown", cause.reason(), cause.os_errno()};
}

} // namespace

Error start_error(const Error& cause) {
  return worded(cause,
                "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: "
                "unable to start container process: ");
}

Error exec_error(const Error& cause) {
  return worded(cause, "OCI runtime exec failed: exec failed: unable to start container process: ");
}

std::int32_t exit_code_of(const Error& error) {
  if (error.reason() == "command_not_found") return 127;
  if (error.reason() == "command_not_executable") return 126;
  return 128;
}

} // namespace gantry::containers
