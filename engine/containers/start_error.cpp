#include "containers/start_error.hpp"

namespace gantry::containers {
namespace {

/// The driver names what is wrong with the user's program by its reason; everything else keeps its own words and code.
bool is_about_program(const Error& error) {
  return error.reason() == "command_not_found" || error.reason() == "command_not_executable" || error.reason() == "init_failed";
}

Error worded(const Error& cause, const char* prefix) {
  if (!is_about_program(cause)) return cause;
  // 400, as in Docker: the request names a program that this container cannot run.
  return {Code::invalid, std::string(prefix) + cause.what() + ": unknown", cause.reason(), cause.os_errno()};
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
