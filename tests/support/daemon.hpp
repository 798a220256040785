#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/command.hpp"

namespace gantry::test {

/// The directory of the build under test ("build/release"), found relative to the test program.
std::string build_dir();

/// A gantryd of the test's own: private roots below a short temporary directory, in the network and mount namespaces that
/// support/main.cpp gave the test program. The destructor removes its containers, stops it, and adds a test failure for
/// every process, mount, cgroup or directory that is left.
class Daemon {
 public:
  explicit Daemon(std::vector<std::string> flags = {}, std::map<std::string, std::string> env = {});
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;
  ~Daemon();

  const std::string& dir() const { return dir_; }
  std::string data_root() const { return dir_ + "/d"; }
  std::string exec_root() const { return dir_ + "/x"; }
  std::string socket() const { return dir_ + "/s"; }
  std::string host() const { return "unix://" + socket(); }
  pid_t pid() const { return process_ ? process_->pid() : -1; }

  /// Starts it (again) and waits until the API answers; a test failure with the log when it does not.
  void start(std::map<std::string, std::string> env = {});
  /// Starts it without waiting, for tests of failing starts and failpoints.
  void launch(std::map<std::string, std::string> env = {});
  bool wait_ready();
  /// SIGKILL; returns when the process is gone.
  void kill();
  /// SIGTERM; its exit code.
  int terminate();
  /// Waits until it has ended by itself.
  Output wait_exit();
  std::string log() const;

  /// gantry, or a docker CLI, with the daemon as its host.
  Output gantry(std::vector<std::string> args, CommandOptions options = {}) const;
  Output docker(std::vector<std::string> args, CommandOptions options = {}) const;
  std::vector<std::string> gantry_argv(std::vector<std::string> args) const;
  CommandOptions client(CommandOptions options = {}) const;
  /// The docker CLI to use; empty for the one on PATH.
  void use_docker(std::string path) { docker_ = std::move(path); }

  /// What is left of this instance on the machine, one line each.
  std::vector<std::string> leftovers() const;

 private:
  std::string dir_;
  std::vector<std::string> flags_;
  std::map<std::string, std::string> env_;
  std::unique_ptr<Command> process_;
  std::string docker_ = "docker";
};

} // namespace gantry::test
