#pragma once

#include <gtest/gtest.h>
#include <filesystem>
#include <gantry/sdk/runtime.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "driver/linux_driver.hpp"

namespace gantry::runtime_linux::test {

using Json = nlohmann::json;

class TestHost final : public Host {
 public:
  explicit TestHost(const std::string& directory);
  void log(LogLevel, std::string_view) override {}
  const std::string& state_dir() const override { return state_; }
  const std::string& run_dir() const override { return run_; }
  const std::string& libexec_dir() const override { return libexec_; }
  const std::string& instance() const override { return instance_; }

 private:
  std::string state_, run_, libexec_, instance_;
};

class TestCall final : public Call {
 public:
  bool cancelled() const override { return false; }
  int cancel_fd() const override { return -1; }
  std::int64_t deadline_ns() const override { return 0; }
  void progress(std::uint64_t, std::uint64_t) override {}
};

/// A spec like the engine's: namespaces, /proc, /dev, /sys, masked paths, Docker's default capabilities.
Json default_spec(const std::vector<std::string>& args);

/// Both ends of a client's connection.
struct ClientPair {
  UniqueFd mine, theirs;
};
ClientPair make_client();

/// Reads until the other side closes, at most ten seconds.
std::string read_all(int fd);

/// Payload of one stream of stdcopy frames.
std::string unframe(const std::string& frames, char stream);

/// Waits for exit_fd, at most ten seconds.
bool hung_up(int fd);

/// A driver with directories of its own and a busybox root filesystem. Removes what is left.
class ContainerTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  RuntimeCreate program(const std::vector<std::string>& args) { return request(fresh_id(), default_spec(args)); }
  RuntimeCreate request(const std::string& id, const Json& spec);
  /// Creates, starts, waits and removes; the container's output (log text) and exit code.
  struct Outcome {
    std::string output;
    int code = -1;
  };
  Outcome run(const RuntimeCreate& request);
  Outcome run_program(const std::vector<std::string>& args) { return run(program(args)); }
  /// The error that create or start ends with.
  Error failure_of(const RuntimeCreate& request);
  std::string fresh_id();
  std::string log_text(const std::string& id) const;
  /// Names below the run directory and cgroups of this fixture's containers.
  std::vector<std::string> leftovers() const;
  /// The directories below which this fixture's containers have their cgroups.
  std::vector<std::string> cgroup_parents() const;
  std::string root() const { return directory_ / "root"; }
  RuntimeExec exec_request(const std::string& id, const std::string& exec_id, const std::vector<std::string>& args);

  std::filesystem::path directory_;
  std::unique_ptr<TestHost> host_;
  std::unique_ptr<LinuxDriver> driver_;
  TestCall call_;
  int next_ = 0;
  std::vector<std::string> ids_;
};

} // namespace gantry::runtime_linux::test
