#include "fake_runtime.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/time.hpp"

namespace gantry::test {
namespace fs = std::filesystem;

FakeRuntime::FakeRuntime(std::string directory) : directory_(std::move(directory)) { fs::create_directories(directory_); }

std::string FakeRuntime::path(const std::string& id, const std::string& exec_id) const {
  return directory_ + "/" + id + (exec_id.empty() ? "" : ":" + exec_id);
}

void FakeRuntime::write(const std::string& id, const std::string& exec_id, const std::string& state) const {
  std::ofstream(path(id, exec_id), std::ios::trunc) << state;
}

std::string FakeRuntime::read(const std::string& id, const std::string& exec_id) const {
  std::string state;
  std::getline(std::ifstream(path(id, exec_id)), state);
  return state;
}

std::string FakeRuntime::state(const std::string& id, const std::string& exec_id) {
  const std::lock_guard lock(guard_);
  return read(id, exec_id);
}

std::set<std::string> FakeRuntime::ids() {
  std::set<std::string> found;
  for (const auto& item : fs::directory_iterator(directory_)) {
    const std::string name = item.path().filename();
    if (name.find(':') == std::string::npos) found.insert(name);
  }
  return found;
}

RuntimeProcess FakeRuntime::process(const std::string& id, const std::string& exec_id) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw Error(Code::internal, "pipe");
  RuntimeProcess process;
  process.pid = ::getpid(); // alive, as a container's would be
  process.exit_fd.reset(ends[0]);
  process.state_json = "{}";
  ends_.emplace(path(id, exec_id), UniqueFd(ends[1]));
  return process;
}

std::vector<std::int32_t> FakeRuntime::processes(Call&, const std::string&) {
  if (lost_) return {};
  return {::getpid()};
}

void FakeRuntime::finish_locked(const std::string& id, const std::string& exec_id, int code) {
  write(id, exec_id, "stopped " + std::to_string(code) + " " + std::to_string(now_ns()));
  ends_.erase(path(id, exec_id));
}

void FakeRuntime::finish(const std::string& id, int code, const std::string& exec_id) {
  const std::lock_guard lock(guard_);
  finish_locked(id, exec_id, code);
}

RuntimeProcess FakeRuntime::create(Call&, const RuntimeCreate& request) {
  const std::lock_guard lock(guard_);
  if (fs::exists(path(request.id, ""))) throw Error(Code::already_exists, "container " + request.id + " is live");
  created_ = request;
  write(request.id, "", "created");
  return process(request.id, "");
}

void FakeRuntime::start(Call&, const std::string& id) {
  const std::lock_guard lock(guard_);
  if (start_error_) {
    const Error error = *start_error_;
    start_error_.reset();
    throw error;
  }
  write(id, "", "running");
}

void FakeRuntime::signal(Call&, const RuntimeSignal& request) {
  const std::lock_guard lock(guard_);
  if (!request.exec_id.empty()) {
    if (read(request.id, request.exec_id) != "running") throw Error(Code::not_found, "no process");
    exec_clients_.erase(request.exec_id);
    return finish_locked(request.id, request.exec_id, 128 + request.signo);
  }
  if (read(request.id, "") != "running" && read(request.id, "") != "paused") throw Error(Code::not_found, "no process");
  signals_.push_back(request.signo);
  const bool fatal = request.signo == 9 || request.signo == 15;
  if (fatal && !ignored_.contains(request.signo)) finish_locked(request.id, "", 128 + request.signo);
}

void FakeRuntime::pause(Call&, const std::string& id) {
  const std::lock_guard lock(guard_);
  write(id, "", "paused");
}

void FakeRuntime::resume(Call&, const std::string& id) {
  const std::lock_guard lock(guard_);
  if (read(id, "") == "paused") write(id, "", "running");
}

void FakeRuntime::update(Call&, const std::string&, const std::string& resources_json) {
  const std::lock_guard lock(guard_);
  if (auto error = std::exchange(update_error_, std::nullopt)) throw *error;
  updates_.push_back(resources_json);
}

void FakeRuntime::mount(Call&, const std::string& id, const Mount& mount) {
  const std::lock_guard lock(guard_);
  if (auto error = std::exchange(mount_error_, std::nullopt)) throw *error;
  std::string text = id + " " + mount.source + " " + mount.target + " ";
  for (const auto& option : mount.options) text += (text.back() == ' ' ? "" : ",") + option;
  mounts_.push_back(text);
}

void FakeRuntime::unmount(Call&, const std::string& id, const std::string& target) {
  const std::lock_guard lock(guard_);
  if (failing_unmounts_ > 0 && failing_unmounts_-- > 0) throw Error(Code::internal, "unmount: busy");
  const auto found = std::find_if(mounts_.rbegin(), mounts_.rend(), [&](const std::string& text) {
    return text.starts_with(id + " ") && text.find(" " + target + " ") != std::string::npos;
  });
  if (found == mounts_.rend()) throw Error(Code::not_found, "nothing is mounted at \"" + target + "\"");
  mounts_.erase(std::next(found).base());
}

void FakeRuntime::remove(Call&, const std::string& id, bool force) {
  const std::lock_guard lock(guard_);
  if (remove_error_) {
    const Error error = *remove_error_;
    remove_error_.reset();
    throw error;
  }
  if (!force && read(id, "") == "running") throw Error(Code::forbidden_state, "container " + id + " is running");
  for (const auto& exec_id : [&] {
         std::vector<std::string> all;
         for (const auto& item : fs::directory_iterator(directory_)) {
           const std::string name = item.path().filename();
           if (name.starts_with(id + ":")) all.push_back(name.substr(id.size() + 1));
         }
         return all;
       }()) {
    finish_locked(id, exec_id, 137);
    fs::remove(path(id, exec_id));
  }
  ends_.erase(path(id, ""));
  fs::remove(path(id, ""));
}

RuntimeProcess FakeRuntime::exec(Call&, RuntimeExec request) {
  const std::lock_guard lock(guard_);
  if (start_error_) {
    const Error error = *start_error_;
    start_error_.reset();
    throw error;
  }
  write(request.id, request.exec_id, "running");
  ++execs_made_;
  RuntimeProcess made = process(request.id, request.exec_id);
  if (!request.attach) return made;
  attached_.push_back(request.exec_id);
  framed_ = request.attach->framed;
  if (exec_answer_) {
    (void)!::write(request.attach->client.get(), exec_answer_->second.data(), exec_answer_->second.size());
    finish_locked(request.id, request.exec_id, exec_answer_->first);
  } else {
    exec_clients_.emplace(request.exec_id, std::move(request.attach->client));
  }
  return made;
}

void FakeRuntime::attach(Call&, RuntimeAttach request) {
  const std::lock_guard lock(guard_);
  attached_.push_back(request.id);
}

std::optional<RuntimeExit> FakeRuntime::exit_info(Call&, const std::string& id, const std::string& exec_id) {
  const std::lock_guard lock(guard_);
  const std::string state = read(id, exec_id);
  if (state.empty()) throw Error(Code::not_found, "no process");
  RuntimeExit exit;
  long long time = 0;
  if (std::sscanf(state.c_str(), "stopped %d %lld", &exit.code, &time) != 2) return std::nullopt;
  exit.time_ns = time;
  return exit;
}

RuntimeStatus FakeRuntime::status(const std::string& id, const std::string& exec_id) {
  const std::string state = read(id, exec_id);
  if (state.empty()) throw Error(Code::not_found, "no process " + id);
  RuntimeStatus status;
  status.process = process(id, exec_id);
  status.state = state == "created"   ? RuntimeState::created
                 : state == "running" ? RuntimeState::running
                 : state == "paused"  ? RuntimeState::paused
                                      : RuntimeState::stopped;
  if (status.state == RuntimeState::stopped) ends_.erase(path(id, exec_id));
  return status;
}

RuntimeStatus FakeRuntime::reattach(Call&, const RuntimeReattach& request) {
  const std::lock_guard lock(guard_);
  return status(request.id, "");
}

std::vector<std::string> FakeRuntime::execs(Call&, const std::string& id) {
  const std::lock_guard lock(guard_);
  std::vector<std::string> running;
  for (const auto& item : fs::directory_iterator(directory_)) {
    const std::string name = item.path().filename();
    if (name.starts_with(id + ":") && read(id, name.substr(id.size() + 1)) == "running") {
      running.push_back(name.substr(id.size() + 1));
    }
  }
  return running;
}

RuntimeStatus FakeRuntime::reattach_exec(Call&, const std::string& id, const std::string& exec_id) {
  const std::lock_guard lock(guard_);
  return status(id, exec_id);
}

void FakeRuntime::reconcile(Call&, const std::vector<std::string>& live_ids) {
  const std::lock_guard lock(guard_);
  const std::set<std::string> live(live_ids.begin(), live_ids.end());
  for (const auto& id : ids()) {
    if (!live.contains(id)) fs::remove(path(id, ""));
  }
}

} // namespace gantry::test
