#include "driver/linux_driver.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <algorithm>
#include <csignal>
#include <filesystem>

#include "cgroup/files.hpp"
#include "driver/compile_plan.hpp"
#include "driver/hooks.hpp"
#include "driver/requests.hpp"

namespace gantry::runtime_linux {
namespace {

Error no_container(const std::string& id) { return {Code::not_found, "no container " + id}; }

/// An exit_fd of something that has ended already.
UniqueFd readable_fd() { return UniqueFd(::eventfd(1, EFD_CLOEXEC)); }

/// A shim ends by itself right after its container; a request may come to it in that moment.
ShimReply ask(Call& call, const RunDir& directory, int connection, const ControlRequest& request, const std::vector<int>& fds) {
  try {
    send_request(connection, request, fds);
    return receive_reply(connection, call);
  } catch (const Error& problem) {
    if (problem.code() != Code::unavailable || !directory.exit("")) throw;
    ShimReply gone;
    gone.result = ControlResult::not_found;
    gone.message = "the container has ended";
    return gone;
  }
}

} // namespace

LinuxDriver::LinuxDriver(Host& host, const std::string& config_json)
    : host_(host),
      runtimes_(parse_runtimes(config_json)),
      hierarchies_(find_hierarchies()),
      shim_(load_shim(host.libexec_dir() + "/gantry-shim")) {}

/// The parent of the instance's containers goes with the last of them.
LinuxDriver::~LinuxDriver() { ContainerCgroup(hierarchies_, "/" + host_.instance()).remove_when_empty(); }

RunDir LinuxDriver::run_dir(const std::string& id) const { return {host_.run_dir(), id}; }

ContainerState LinuxDriver::state_of(const std::string& id) const {
  const auto state = run_dir(id).state();
  if (!state || state->id != id || !state->pid) throw no_container(id);
  return *state;
}

ContainerCgroup LinuxDriver::cgroup_of(const std::string& id) const { return {hierarchies_, state_of(id).cgroup_path}; }

ShimReply LinuxDriver::request(Call& call, const std::string& id, const ControlRequest& request, const std::vector<int>& fds) {
  const RunDir directory = run_dir(id);
  const UniqueFd connection = connect_shim(directory);
  if (!connection) throw no_container(id);
  return ask(call, directory, connection.get(), request, fds);
}

RuntimeFeatures LinuxDriver::features() {
  RuntimeFeatures features;
  features.version = "0.1.0";
  features.cgroup_version = hierarchies_.version;
  features.apparmor = read_text("/sys/module/apparmor/parameters/enabled") == "Y";
  features.seccomp = !read_text("/proc/sys/kernel/seccomp/actions_avail").empty();
  features.userns = can_map_owners();
  features.external = true;
  return features;
}

void LinuxDriver::signal(Call& call, const RuntimeSignal& wanted) {
  if (wanted.signo < 0 || wanted.signo > 64)
    throw Error(Code::invalid, "signal " + std::to_string(wanted.signo) + " is not between 0 and 64");
  if (wanted.all && wanted.exec_id.empty()) {
    const ContainerCgroup cgroup = cgroup_of(wanted.id);
    if (cgroup.processes().empty()) throw Error(Code::not_found, "container " + wanted.id + " has no processes");
    return cgroup.kill_all(wanted.signo);
  }
  ControlRequest message = request_for(ControlOp::signal, wanted.exec_id);
  message.signo = wanted.signo;
  if (wanted.all) message.attach_flags = signal_group;
  check_reply(request(call, wanted.id, message));
}

void LinuxDriver::pause(Call&, const std::string& id) { cgroup_of(id).freeze(true); }

void LinuxDriver::resume(Call&, const std::string& id) { cgroup_of(id).freeze(false); }

void LinuxDriver::update(Call&, const std::string& id, const std::string& resources_json) {
  try {
    cgroup_of(id).update(parse_json(resources_json, "resources"));
    counters_.drop(id); // it remembers the limits
  } catch (const Json::exception& problem) {
    throw Error(Code::invalid, std::string("resources: ") + problem.what());
  }
}

void LinuxDriver::resize(Call& call, const std::string& id, const std::string& exec_id, std::uint16_t rows, std::uint16_t cols) {
  ControlRequest message = request_for(ControlOp::resize, exec_id);
  message.rows = rows;
  message.cols = cols;
  check_reply(request(call, id, message));
}

void LinuxDriver::close_stdin(Call& call, const std::string& id, const std::string& exec_id) {
  check_reply(request(call, id, request_for(ControlOp::close_stdin, exec_id)));
}

void LinuxDriver::attach(Call& call, RuntimeAttach attach) {
  ControlRequest message = request_for(ControlOp::attach, attach.exec_id);
  const UniqueFd pending = describe_attach(message, attach);
  std::vector<int> fds{attach.client.get()};
  if (pending) fds.push_back(pending.get());
  check_reply(request(call, attach.id, message, fds));
}

RuntimeProcess LinuxDriver::exec(Call& call, RuntimeExec wanted) {
  if (wanted.exec_id.empty()) throw Error(Code::invalid, "an exec needs an id");
  ControlRequest message = request_for(ControlOp::exec, wanted.exec_id);
  PlanWriter plan;
  const auto state = run_dir(wanted.id).state();
  try {
    if (state && state->external)
      compile_external_exec(plan, wanted);
    else
      compile_process(plan, parse_json(wanted.oci_process_json, "exec process"), Json(), wanted.user, wanted.groups,
                      wanted.stdio);
  } catch (const Json::exception& problem) {
    throw Error(Code::invalid, std::string("exec process: ") + problem.what());
  }
  plan.head().id = plan.string(wanted.exec_id);
  const std::vector<char>& bytes = plan.finish();
  const UniqueFd file = memory_file("plan", bytes.data(), bytes.size());
  std::vector<int> fds{file.get()};
  UniqueFd pending;
  if (wanted.attach && wanted.attach->client) {
    pending = describe_attach(message, *wanted.attach);
    fds.push_back(wanted.attach->client.get());
    if (pending) fds.push_back(pending.get());
  }
  UniqueFd connection = connect_shim(run_dir(wanted.id));
  if (!connection) throw no_container(wanted.id);
  const ShimReply reply = ask(call, run_dir(wanted.id), connection.get(), message, fds);
  check_reply(reply);
  return {reply.pid, std::move(connection), ""};
}

std::optional<RuntimeExit> LinuxDriver::exit_info(Call& call, const std::string& id, const std::string& exec_id) {
  const RunDir directory = run_dir(id);
  if (!directory.exists()) throw no_container(id);
  if (auto exit = directory.exit(exec_id)) return exit;
  const UniqueFd connection = connect_shim(directory);
  if (connection) {
    const ShimReply reply = ask(call, directory, connection.get(), request_for(ControlOp::status, exec_id), {});
    if (reply.result == ControlResult::ok && reply.state != ControlState::stopped) return std::nullopt;
  }
  // It may have ended between the two questions.
  if (auto exit = directory.exit(exec_id)) return exit;
  if (connection) throw Error(Code::not_found, "no exit status of exec " + exec_id);
  // The shim was killed, and with it its processes: nobody has seen how they ended.
  RuntimeExit exit;
  exit.code = 128 + SIGKILL;
  exit.signal = SIGKILL;
  return exit;
}

std::vector<std::int32_t> LinuxDriver::processes(Call&, const std::string& id) { return cgroup_of(id).processes(); }

RuntimeStatus LinuxDriver::watch(Call& call, const std::string& id, const std::string& exec_id) {
  const RunDir directory = run_dir(id);
  RuntimeStatus status;
  UniqueFd connection = connect_shim(directory);
  if (!connection) {
    status.process.exit_fd = readable_fd();
    return status;
  }
  const ShimReply reply = ask(call, directory, connection.get(), request_for(ControlOp::watch, exec_id), {});
  if (reply.result == ControlResult::not_found && directory.exit(exec_id)) {
    status.process.exit_fd = readable_fd();
    return status;
  }
  check_reply(reply);
  status.process.pid = reply.pid;
  status.process.exit_fd = std::move(connection);
  status.state = reply.state == ControlState::created   ? RuntimeState::created
                 : reply.state == ControlState::running ? RuntimeState::running
                                                        : RuntimeState::stopped;
  return status;
}

RuntimeStatus LinuxDriver::reattach(Call& call, const RuntimeReattach& wanted) {
  const ContainerState state = state_of(wanted.id);
  RuntimeStatus status = watch(call, wanted.id, "");
  status.process.state_json = state.to_json();
  if (status.state == RuntimeState::running && ContainerCgroup(hierarchies_, state.cgroup_path).is_frozen())
    status.state = RuntimeState::paused;
  return status;
}

RuntimeStatus LinuxDriver::reattach_exec(Call& call, const std::string& id, const std::string& exec_id) {
  state_of(id);
  if (!run_dir(id).exit(exec_id) && !connect_shim(run_dir(id)))
    throw Error(Code::not_found, "no exec " + exec_id + " in container " + id);
  return watch(call, id, exec_id);
}

std::vector<std::string> LinuxDriver::execs(Call& call, const std::string& id) {
  std::vector<std::string> ids;
  if (!connect_shim(run_dir(id))) return ids;
  const ShimReply reply = request(call, id, request_for(ControlOp::execs));
  for (std::size_t begin = 0, end; (end = reply.message.find('\n', begin)) != std::string::npos; begin = end + 1)
    ids.push_back(reply.message.substr(begin, end - begin));
  return ids;
}

void LinuxDriver::remove(Call& call, const std::string& id, bool force) {
  const RunDir directory = run_dir(id);
  counters_.drop(id); // an open file of /proc/PID/net would keep the network namespace
  if (!directory.exists()) return;
  if (!force && !directory.exit("") && connect_shim(directory)) {
    const ShimReply reply = request(call, id, request_for(ControlOp::status));
    if (reply.result == ControlResult::ok && reply.state != ControlState::stopped)
      throw Error(Code::forbidden_state, "container " + id + " is live: stop it before removing or use force");
  }
  destroy(call, directory);
}

/// Ends whatever runs, then the shim, then removes cgroups and directory. Works with whatever is left of a container.
void LinuxDriver::destroy(Call& call, const RunDir& directory) {
  const auto state = directory.state();
  std::optional<ContainerCgroup> cgroup;
  if (state && !state->cgroup_path.empty()) cgroup.emplace(hierarchies_, state->cgroup_path);
  if (UniqueFd connection = connect_shim(directory)) {
    if (cgroup && !directory.exit("")) {
      cgroup->kill_all(SIGKILL);
      if (cgroup->is_frozen()) cgroup->freeze(false); // what is frozen does not die, so this cgroup stays
    }
    const UniqueFd shim = peer_process(connection.get());
    try {
      send_request(connection.get(), request_for(ControlOp::quit), {});
      receive_reply(connection.get(), call);
    } catch (const Error& problem) {
      if (problem.code() != Code::unavailable) kill_shim(directory);
    }
    await_end(shim.get());
  }
  if (cgroup) cgroup->remove(true);
  Hooks(directory).after_stop(host_);
  directory.remove();
}

void LinuxDriver::reconfigure(Call&, const std::string& config_json) {
  auto runtimes = parse_runtimes(config_json);
  const std::lock_guard lock(runtimes_guard_);
  runtimes_ = std::move(runtimes);
}

void LinuxDriver::reconcile(Call& call, const std::vector<std::string>& live_ids) {
  std::vector<std::string> live;
  for (const std::string& id : live_ids) live.push_back(run_dir(id).path());
  for (const auto& entry : std::filesystem::directory_iterator(host_.run_dir())) {
    const std::string path = entry.path();
    if (std::find(live.begin(), live.end(), path) != live.end() || !entry.is_directory()) continue;
    try {
      destroy(call, RunDir::at(path));
    } catch (const Error& problem) {
      host_.log(LogLevel::warn, "clean up " + path + ": " + problem.what());
    }
  }
}

} // namespace gantry::runtime_linux
