#include "driver/run_dir.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cgroup/files.hpp"
#include "plan/exec_file_name.hpp"

namespace gantry::runtime_linux {
namespace {

constexpr int state_version = 1;

std::string directory_name(const std::string& id) {
  char name[17];
  std::snprintf(name, sizeof name, "%016llx", static_cast<unsigned long long>(name_hash(id.c_str())));
  return name;
}

Error failed(const std::string& what, const std::string& path) {
  return {Code::internal, what + " " + path + ": " + std::strerror(errno), errno};
}

} // namespace

std::string ContainerState::to_json() const {
  nlohmann::json json{{"version", state_version}, {"id", id}, {"cgroup", cgroup_path}, {"pid", pid}};
  if (external) json["external"] = true;
  return json.dump();
}

std::optional<ContainerState> ContainerState::from_json(const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object() || json.value("version", 0) < 1) return std::nullopt;
  return ContainerState{json.value("id", ""), json.value("cgroup", ""), json.value("pid", 0), json.value("external", false)};
}

RunDir::RunDir(const std::string& base, const std::string& id) : path_(base + "/" + directory_name(id)) {}

bool RunDir::make() const {
  if (::mkdir(path_.c_str(), 0700) < 0) {
    if (errno == EEXIST) return false;
    throw failed("create", path_);
  }
  if (::mkdir(staging().c_str(), 0700) < 0) throw failed("create", staging());
  return true;
}

void RunDir::remove() const {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
  if (error) throw Error(Code::internal, "remove " + path_ + ": " + error.message(), error.value());
}

bool RunDir::exists() const { return ::access(path_.c_str(), F_OK) == 0; }

UniqueFd RunDir::open() const {
  UniqueFd fd(::open(path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd) throw failed("open", path_);
  return fd;
}

void RunDir::write_state(const ContainerState& state) const {
  const std::string text = state.to_json();
  const std::string fresh = path_ + "/state.tmp";
  const UniqueFd fd(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fd || ::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) throw failed("write", fresh);
  if (::rename(fresh.c_str(), (path_ + "/state").c_str()) < 0) throw failed("write", path_ + "/state");
}

std::optional<ContainerState> RunDir::state() const { return ContainerState::from_json(read_text(path_ + "/state")); }

std::optional<RuntimeExit> RunDir::exit(const std::string& exec_id) const {
  char name[64];
  if (exec_id.empty())
    std::snprintf(name, sizeof name, "%s", exit_file_name);
  else
    exec_file_name(exec_id.c_str(), name, sizeof name);
  RuntimeExit exit;
  int version = 0, oom = 0;
  long long time = 0;
  const std::string text = read_text(path_ + "/" + name);
  if (std::sscanf(text.c_str(), "gantry-exit %d %d %d %d %lld", &version, &exit.code, &exit.signal, &oom, &time) != 5)
    return std::nullopt;
  exit.oom_killed = oom != 0;
  exit.time_ns = time;
  return exit;
}

} // namespace gantry::runtime_linux
