#include "driver/hooks.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>

#include <gantry/sdk/spawn.hpp>

#include "cgroup/files.hpp"

namespace gantry::runtime_linux {
namespace {

constexpr const char* kept_file = "/hooks.json";
/// Of a hook that names none: whoever waits for it waits for a while, and not for ever.
constexpr std::uint32_t default_timeout_s = 300;

struct Hook {
  std::string path;
  std::vector<std::string> args, env;
  std::uint32_t timeout_s = default_timeout_s;
};

Hook read_hook(const Json& json) {
  Hook hook;
  hook.path = json.at("path").get<std::string>();
  if (json.contains("args")) hook.args = json["args"].get<std::vector<std::string>>();
  if (json.contains("env")) hook.env = json["env"].get<std::vector<std::string>>();
  if (const auto timeout = json.value("timeout", 0U)) hook.timeout_s = timeout;
  if (hook.path.empty() || hook.path[0] != '/') throw Error(Code::invalid, "hook path \"" + hook.path + "\" is not absolute");
  if (hook.args.empty()) hook.args.push_back(hook.path);
  return hook;
}

std::vector<Hook> read_stage(const Json& hooks, const char* stage) {
  std::vector<Hook> list;
  if (!hooks.contains(stage)) return list;
  for (const Json& each : hooks[stage]) list.push_back(read_hook(each));
  return list;
}

Slice compile_stage(PlanWriter& plan, const Json& hooks, const char* stage) {
  std::vector<PlanHook> compiled;
  for (const Hook& hook : read_stage(hooks, stage)) {
    PlanHook entry;
    entry.path = plan.string(hook.path);
    entry.args = plan.strings(hook.args);
    entry.env = plan.strings(hook.env);
    entry.timeout_s = hook.timeout_s;
    compiled.push_back(entry);
  }
  return plan.array(compiled);
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (const std::string& text : texts) list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

UniqueFd pipe_pair(UniqueFd& writer) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0) throw Error(Code::internal, "pipe for a hook", errno);
  writer.reset(ends[1]);
  return UniqueFd(ends[0]);
}

/// A hook that runs. Killed and reaped at the latest when this goes.
class RunningHook {
 public:
  RunningHook(const Hook& hook, const std::string& state) {
    UniqueFd state_writer, said_writer;
    const UniqueFd state_reader = pipe_pair(state_writer);
    said_ = pipe_pair(said_writer);
    SpawnActions actions;
    ::posix_spawn_file_actions_adddup2(actions.get(), state_reader.get(), 0);
    ::posix_spawn_file_actions_adddup2(actions.get(), said_writer.get(), 1);
    ::posix_spawn_file_actions_adddup2(actions.get(), said_writer.get(), 2);
    static const SpawnAttributes attributes;
    const int err = ::posix_spawn(&pid_, hook.path.c_str(), actions.get(), attributes.get(), pointers(hook.args).data(),
                                  pointers(hook.env).data());
    if (err) throw Error(Code::internal, "exec " + hook.path + ": " + std::strerror(err), err);
    pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    // A state of more than a pipe holds meets a hook that does not read: that is its own affair.
    ::fcntl(state_writer.get(), F_SETFL, O_NONBLOCK);
    (void)!::write(state_writer.get(), state.data(), state.size());
  }
  ~RunningHook() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    reap();
  }
  RunningHook(const RunningHook&) = delete;
  RunningHook& operator=(const RunningHook&) = delete;

  /// Its wait status; absent when the time is up.
  std::optional<int> wait(std::uint32_t timeout_s, std::string& said) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(timeout_s);
    pollfd waits[2] = {{said_.get(), POLLIN, 0}, {pidfd_.get(), POLLIN, 0}};
    while (true) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
      if (left <= 0) return std::nullopt;
      if (::poll(waits, 2, static_cast<int>(std::min<std::int64_t>(left, 1 << 30))) < 0) continue;
      if (waits[0].revents) {
        char bytes[4096];
        const ssize_t n = ::read(said_.get(), bytes, sizeof bytes);
        if (n <= 0) waits[0].fd = -1;
        if (n > 0 && said.size() < sizeof bytes) said.append(bytes, static_cast<std::size_t>(n));
      } else if (waits[1].revents) {
        return reap();
      }
    }
  }

 private:
  int reap() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
  }

  pid_t pid_ = -1;
  UniqueFd pidfd_, said_;
};

void run(const Hook& hook, const std::string& state) {
  std::string said;
  RunningHook running(hook, state);
  const auto status = running.wait(hook.timeout_s, said);
  const auto failed = [&](const std::string& how) { throw Error(Code::internal, how + ", output: " + said); };
  if (!status) failed(hook.path + " ran past its timeout of " + std::to_string(hook.timeout_s) + "s");
  if (WIFSIGNALED(*status)) failed(std::string("signal: ") + ::strsignal(WTERMSIG(*status)));
  if (*status != 0) failed("exit status " + std::to_string(WEXITSTATUS(*status)));
}

void create_file(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  if (!out.flush()) throw Error(Code::internal, "write " + path);
}

} // namespace

Hooks::Hooks(const Json& spec, const std::string& id, const RunDir& directory) : directory_(directory) {
  if (!spec.contains("hooks") || spec["hooks"].is_null()) return;
  hooks_ = spec["hooks"];
  for (const char* stage : {"prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"})
    (void)read_stage(hooks_, stage);
  state_ = {{"ociVersion", spec.value("ociVersion", "1.0.2")}, {"id", id}, {"bundle", directory.path()}};
  if (spec.contains("annotations")) state_["annotations"] = spec["annotations"];
}

Hooks::Hooks(const RunDir& directory) : directory_(directory) {
  const Json kept = Json::parse(read_text(directory.path() + kept_file), nullptr, false);
  if (!kept.is_object()) return;
  hooks_ = kept.value("hooks", Json::object());
  state_ = kept.value("state", Json::object());
}

void Hooks::compile(PlanWriter& plan, const Json& spec) const {
  if (hooks_.empty()) return;
  Plan& head = plan.head();
  head.await_ready = 1;
  head.create_container = compile_stage(plan, hooks_, "createContainer");
  head.start_container = compile_stage(plan, hooks_, "startContainer");
  std::string text = state("creating", 0);
  const std::string mark = "\"pid\":";
  const std::size_t pid = text.rfind(mark + "0") + mark.size();
  head.state_before = plan.string(text.substr(0, pid));
  head.state_after = plan.string(text.substr(pid + 1));
  // Hooks find the configuration through the bundle of the state.
  Json config = spec;
  config["root"]["path"] = directory_.staging();
  create_file(directory_.path() + "/config.json", config.dump());
  create_file(directory_.path() + kept_file, Json{{"hooks", hooks_}, {"state", state_}}.dump());
}

/// "pid" is the last member but one ("status" follows), which compile() relies on.
std::string Hooks::state(const char* status, int pid) const {
  const std::string rest = state_.dump();
  return rest.substr(0, rest.size() - 1) + ",\"pid\":" + std::to_string(pid) + ",\"status\":\"" + status + "\"}";
}

void Hooks::run_stage(const char* stage, const std::string& state) const {
  int number = 0;
  for (const Hook& hook : read_stage(hooks_, stage)) {
    try {
      run(hook, state);
    } catch (const Error& problem) {
      throw Error(Code::failed_precondition,
                  "error running " + std::string(stage) + " hook #" + std::to_string(number) + ": " + problem.what(),
                  std::string("init_failed"), problem.os_errno());
    }
    ++number;
  }
}

void Hooks::run_and_log(Host& host, const char* stage, const std::string& state) const {
  // One that fails does not keep the others from running.
  for (const Hook& hook : read_stage(hooks_, stage)) {
    try {
      run(hook, state);
    } catch (const Error& problem) {
      host.log(LogLevel::warn, std::string(stage) + " hook " + hook.path + ": " + problem.what());
    }
  }
}

void Hooks::after_create(int pid) const {
  run_stage("prestart", state("creating", pid));
  run_stage("createRuntime", state("creating", pid));
}

void Hooks::after_start(Host& host, int pid) const { run_and_log(host, "poststart", state("running", pid)); }

void Hooks::after_stop(Host& host) const { run_and_log(host, "poststop", state("stopped", 0)); }

} // namespace gantry::runtime_linux
