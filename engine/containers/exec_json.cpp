#include "containers/exec_json.hpp"

#include "containers/json_reader.hpp"

namespace gantry::containers {

Json to_json(const Exec& exec) {
  const ExecRequest& request = exec.request;
  return {{"id", exec.id},
          {"container_id", exec.container_id},
          {"attach_stdin", request.attach_stdin},
          {"attach_stdout", request.attach_stdout},
          {"attach_stderr", request.attach_stderr},
          {"tty", request.tty},
          {"privileged", request.privileged},
          {"user", request.user},
          {"working_dir", request.working_dir},
          {"env", request.env},
          {"cmd", request.cmd}};
}

Exec exec_from_json(const Json& json) {
  const JsonReader reader(json, "exec");
  Exec exec;
  reader.read("id", exec.id);
  reader.read("container_id", exec.container_id);
  reader.read("attach_stdin", exec.request.attach_stdin);
  reader.read("attach_stdout", exec.request.attach_stdout);
  reader.read("attach_stderr", exec.request.attach_stderr);
  reader.read("tty", exec.request.tty);
  reader.read("privileged", exec.request.privileged);
  reader.read("user", exec.request.user);
  reader.read("working_dir", exec.request.working_dir);
  reader.read("env", exec.request.env);
  reader.read("cmd", exec.request.cmd);
  exec.started = true;
  return exec;
}

} // namespace gantry::containers
