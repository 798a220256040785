#include "api/detach_keys.hpp"
#include "api/exec/handlers.hpp"
#include "api/json_members.hpp"

namespace gantry::api {

namespace {

gantry::containers::ExecRequest read_exec_request(const Json& body, ApiVersion version) {
  require_object(body);
  gantry::containers::ExecRequest exec;
  exec.attach_stdin = bool_member(body, "AttachStdin");
  exec.attach_stdout = bool_member(body, "AttachStdout");
  exec.attach_stderr = bool_member(body, "AttachStderr");
  exec.tty = bool_member(body, "Tty");
  exec.privileged = bool_member(body, "Privileged");
  exec.user = string_member(body, "User");
  exec.working_dir = string_member(body, "WorkingDir");
  exec.detach_keys = parse_detach_keys(string_member(body, "DetachKeys"), "escape");
  exec.env = strings_member(body, "Env");
  exec.cmd = strings_member(body, "Cmd");
  if (version >= ApiVersion{1, 42}) {
    const auto size = console_size_member(body);
    exec.console_rows = size.rows;
    exec.console_cols = size.cols;
  }
  if (exec.cmd.empty()) throw invalid("No exec command specified");
  return exec;
}

} // namespace

Task<void> post_exec_create(Services& services, Request& request, Reply& reply) {
  auto exec = read_exec_request(request.json(), request.version);
  const std::string id = co_await services.containers.exec_create(request.param("id"), std::move(exec));
  Json body;
  body["Id"] = id;
  reply.json(201, body);
}

} // namespace gantry::api
