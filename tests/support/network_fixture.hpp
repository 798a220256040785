#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/daemon.hpp"
#include "support/net.hpp"

namespace gantry::test {

/// A daemon with the image "busybox" in the test's own network namespace, and what tests of networks say all the time. Every case
/// finds the host's network as the one before it did.
class NetworkFixture : public testing::Test {
 protected:
  explicit NetworkFixture(std::vector<std::string> flags = {}) : daemon(std::move(flags)) {}
  void SetUp() override;
  void TearDown() override;

  Output gantry(std::vector<std::string> args) const { return daemon.gantry(std::move(args)); }
  /// It has to succeed, or to fail with that text.
  void ok(const std::vector<std::string>& args) const;
  void fails(const std::vector<std::string>& args, const std::string& text) const;

  /// A container that does nothing, one that runs a shell's command, and one that answers HTTP at port 80 with its own name and
  /// logs who asked. `options` are those of run.
  void idle(const std::string& name, const std::vector<std::string>& options = {}) const;
  void start(const std::string& name, const std::vector<std::string>& options, const std::string& command) const;
  void serve(const std::string& name, const std::vector<std::string>& options = {}) const;

  /// What a command in the container prints.
  std::string in(const std::string& name, const std::string& command) const;
  /// Without the end of the line.
  std::string inspect(const std::string& name, const std::string& format) const;
  std::string address(const std::string& name) const { return inspect(name, "{{.NetworkSettings.IPAddress}}"); }

  /// What an address of this host answers; `served`: sooner or later that name; `refused`: nobody is there.
  static std::string fetch(const std::string& url) { return shell("curl -gsS -m 5 " + url).out; }
  static bool served(const std::string& url, const std::string& name);
  static bool refused(const std::string& url) { return shell("curl -gsS -m 5 " + url).code == 7; }

  Daemon daemon;
};

} // namespace gantry::test
