#include "api/exec/handlers.hpp"

namespace gantry::api {

namespace {

Json process_json(const gantry::containers::ExecRequest& exec) {
  Json process;
  process["tty"] = exec.tty;
  process["entrypoint"] = exec.cmd.front();
  process["arguments"] = gantry::containers::StringList(exec.cmd.begin() + 1, exec.cmd.end());
  process["privileged"] = exec.privileged;
  if (!exec.user.empty()) process["user"] = exec.user;
  return process;
}

} // namespace

Task<void> get_exec(Services& services, Request& request, Reply& reply) {
  const auto exec = services.containers.exec_inspect(request.param("id"));
  Json body;
  body["ID"] = exec.id;
  body["Running"] = exec.running;
  body["ExitCode"] = nullptr;
  if (exec.exit_code) body["ExitCode"] = *exec.exit_code;
  body["ProcessConfig"] = process_json(exec.request);
  body["OpenStdin"] = exec.request.attach_stdin;
  body["OpenStderr"] = exec.request.attach_stderr;
  body["OpenStdout"] = exec.request.attach_stdout;
  body["CanRemove"] = false;
  body["ContainerID"] = exec.container_id;
  body["DetachKeys"] = exec.request.detach_keys;
  body["Pid"] = exec.pid;
  reply.json(200, body);
  co_return;
}

} // namespace gantry::api
