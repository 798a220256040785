#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gantry/testing/fake_host.hpp>
#include <gantry/testing/subject.hpp>

#include "conformance/expect.hpp"
#include "conformance/mounted.hpp"

namespace gantry::driver_test {

/// Containers of a root file system that holds the machine's static busybox. Whatever a case leaves is removed by force.
class RuntimeSuite : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;
  RuntimeDriver& driver() { return *driver_; }
  void restart();

  std::string scratch(const std::string& name) const { return subject().scratch + "/" + name; }
  /// A request for `sh -c script` (or, with `argv`, that program) as container `id`.
  RuntimeCreate request(const std::string& id, const std::string& script);
  RuntimeCreate request_argv(const std::string& id, const std::vector<std::string>& argv);
  RuntimeExec exec_request(const std::string& id, const std::string& exec_id, const std::string& script);
  /// Creates and starts.
  RuntimeProcess run(const RuntimeCreate& create);
  /// Waits, at most 20 s, until the process has ended.
  RuntimeExit wait(const RuntimeProcess& process, const std::string& id, const std::string& exec_id = "");
  /// Waits until the container's log holds the text.
  bool logged(const std::string& id, const std::string& text);
  std::string log_path(const std::string& id) const { return scratch(id + "/log.json"); }

  FakeCall call;

 private:
  std::shared_ptr<RuntimeDriver> driver_;
  std::vector<std::string> ids_;
};

} // namespace gantry::driver_test
