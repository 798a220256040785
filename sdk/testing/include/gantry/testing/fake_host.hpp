#pragma once

#include <stdlib.h>

#include <filesystem>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <gantry/sdk/error.hpp>
#include <gantry/sdk/host.hpp>

namespace gantry::driver_test {

/// A host for the unit tests of a driver class: directories below one temporary directory, which goes with it, and a log
/// that can be looked at.
class FakeHost final : public Host {
 public:
  explicit FakeHost(std::string libexec_dir = "/nonexistent") : libexec_dir_(std::move(libexec_dir)) {
    std::string pattern = (std::filesystem::temp_directory_path() / "gantry-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw Error(Code::internal, "cannot make " + pattern);
    root_ = pattern;
    state_dir_ = root_ + "/state";
    run_dir_ = root_ + "/run";
    for (const auto& directory : {state_dir_, run_dir_}) {
      std::filesystem::create_directory(directory);
      std::filesystem::permissions(directory, std::filesystem::perms::owner_all);
    }
  }
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;
  ~FakeHost() override {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  void log(LogLevel level, std::string_view message) override {
    const std::lock_guard lock(guard_);
    lines_.emplace_back(level, message);
  }
  const std::string& state_dir() const override { return state_dir_; }
  const std::string& run_dir() const override { return run_dir_; }
  const std::string& libexec_dir() const override { return libexec_dir_; }
  const std::string& instance() const override { return instance_; }

  std::vector<std::pair<LogLevel, std::string>> lines() const {
    const std::lock_guard lock(guard_);
    return lines_;
  }

 private:
  mutable std::mutex guard_;
  std::vector<std::pair<LogLevel, std::string>> lines_;
  std::string root_, state_dir_, run_dir_, libexec_dir_;
  std::string instance_ = "fake";
};

/// A call that is cancelled when the test says so.
class FakeCall final : public Call {
 public:
  bool cancelled() const override { return is_cancelled; }
  int cancel_fd() const override { return -1; }
  std::int64_t deadline_ns() const override { return 0; }
  void progress(std::uint64_t, std::uint64_t) override {}

  bool is_cancelled = false;
};

} // namespace gantry::driver_test
