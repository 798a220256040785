#include "support/daemon.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace gantry::test {
namespace fs = std::filesystem;
namespace {

std::string read_all(const fs::path& path) {
  try {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  } catch (const std::ios_base::failure&) {
    return {}; // of a process that has just ended
  }
}

bool answers_ping(const std::string& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  bool ok = ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  const char request[] = "GET /_ping HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n";
  char reply[16] = {};
  ok = ok && ::send(fd, request, sizeof request - 1, MSG_NOSIGNAL) > 0 && ::recv(fd, reply, 12, MSG_WAITALL) == 12 &&
       std::strncmp(reply, "HTTP/1.1 200", 12) == 0;
  ::close(fd);
  return ok;
}

/// Processes whose command line names `text`.
std::vector<std::string> processes_naming(const std::string& text) {
  std::vector<std::string> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const std::string pid = entry.path().filename();
    if (pid.find_first_not_of("0123456789") != std::string::npos || pid == std::to_string(getpid())) continue;
    const std::string command = read_all(entry.path() / "cmdline");
    if (command.find(text) != std::string::npos) found.push_back("process " + pid + ": " + command.c_str());
  }
  return found;
}

} // namespace

std::string build_dir() { return fs::read_symlink("/proc/self/exe").parent_path().parent_path(); }

Daemon::Daemon(std::vector<std::string> flags, std::map<std::string, std::string> env)
    : flags_(std::move(flags)), env_(std::move(env)) {
  char name[] = "/tmp/gt.XXXXXX";
  dir_ = ::mkdtemp(name);
}

Daemon::~Daemon() {
  if (process_) {
    const Output ids = gantry({"ps", "-aq"});
    std::istringstream lines(ids.out);
    for (std::string id; std::getline(lines, id);) gantry({"rm", "-f", id});
    terminate();
    for (const auto& left : leftovers()) ADD_FAILURE() << "left behind: " << left;
  }
  std::error_code ignored;
  fs::remove_all(dir_, ignored);
}

void Daemon::launch(std::map<std::string, std::string> env) {
  std::vector<std::string> argv{"/bin/sh",   "-c",          "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1",
                                "sh",        dir_ + "/log", build_dir() + "/bin/gantryd",
                                "-H",        host(),        "--data-root",
                                data_root(), "--exec-root", exec_root(),
                                "--pidfile", dir_ + "/pid"};
  argv.insert(argv.end(), flags_.begin(), flags_.end());
  CommandOptions options;
  options.env = env_;
  for (auto& [name, value] : env) options.env[name] = value;
  options.deadline = std::chrono::seconds(600);
  process_ = std::make_unique<Command>(argv, options);
}

bool Daemon::wait_ready() {
  return eventually([this] { return answers_ping(socket()) || ::kill(pid(), 0) != 0; }, std::chrono::seconds(30)) &&
         answers_ping(socket());
}

void Daemon::start(std::map<std::string, std::string> env) {
  launch(std::move(env));
  if (!wait_ready()) ADD_FAILURE() << "gantryd is not ready:\n" << log();
}

void Daemon::kill() {
  process_->signal(SIGKILL);
  process_->finish();
  process_.reset();
}

int Daemon::terminate() {
  if (!process_) return -1;
  process_->signal(SIGTERM);
  return wait_exit().code;
}

Output Daemon::wait_exit() {
  Output output = process_->finish();
  process_.reset();
  return output;
}

std::string Daemon::log() const { return read_all(dir_ + "/log"); }

CommandOptions Daemon::client(CommandOptions options) const {
  options.env["GANTRY_HOST"] = host();
  options.env["DOCKER_HOST"] = host();
  options.env["DOCKER_CONFIG"] = dir_ + "/docker-config";
  return options;
}

std::vector<std::string> Daemon::gantry_argv(std::vector<std::string> args) const {
  args.insert(args.begin(), build_dir() + "/bin/gantry");
  return args;
}

Output Daemon::gantry(std::vector<std::string> args, CommandOptions options) const {
  return run(gantry_argv(std::move(args)), client(std::move(options)));
}

Output Daemon::docker(std::vector<std::string> args, CommandOptions options) const {
  args.insert(args.begin(), docker_);
  return run(args, client(std::move(options)));
}

std::vector<std::string> Daemon::leftovers() const {
  std::vector<std::string> found = processes_naming(dir_);
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);)
    if (line.find(dir_) != std::string::npos) found.push_back("mount " + line);
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(data_root() + "/containers", ignored))
    found.push_back("directory " + entry.path().string());
  return found;
}

} // namespace gantry::test
