// Client libraries as their users have them, of pinned versions, against a private gantryd: every step of a script is a check
// there.
#include <gtest/gtest.h>

#include "support/daemon.hpp"
#include "support/need.hpp"
#include "support/rootfs.hpp"

namespace gantry::test {
namespace {

class Clients : public testing::Test {
 protected:
  void SetUp() override {
    for (const auto& why : {need_root(), need_busybox()})
      if (!why.empty()) GTEST_SKIP() << why;
  }
  void expect_success(const std::vector<std::string>& argv, const std::string& last_line) {
    daemon.start();
    import_busybox(daemon);
    CommandOptions options = daemon.client();
    options.deadline = std::chrono::seconds(150);
    options.env["TESTCONTAINERS_RYUK_DISABLED"] = "true";
    options.env["HOME"] = daemon.dir(); // nobody's credentials
    const Output o = run(argv, options);
    EXPECT_EQ(o.code, 0) << o.out << o.err;
    EXPECT_NE((o.out + o.err).find(last_line), std::string::npos) << o.out << o.err;
  }
  void node(const std::string& script) {
    const std::string place = build_dir() + "/../clients";
    if (run({"/bin/sh", "-c", "command -v node"}).code != 0) GTEST_SKIP() << "needs node";
    if (run({"test", "-d", place + "/node_modules"}).code != 0)
      GTEST_SKIP() << "needs build/clients, which scripts/client-libraries.sh installs where npm has a registry";
    // Modules are looked for beside the script.
    ASSERT_EQ(run({"/bin/sh", "-c", "cp " GANTRY_CLIENTS_DIR "/*.mjs " + place}).code, 0);
    expect_success({"node", place + "/" + script}, " 0 failed");
  }
  Daemon daemon;
};

TEST_F(Clients, dockerode) { node("dockerode.mjs"); }

TEST_F(Clients, testcontainers_node) { node("testcontainers.mjs"); }

TEST_F(Clients, docker_py) {
  if (run({"/usr/bin/python3", "-c", "import docker"}).code != 0) GTEST_SKIP() << "needs python3-docker";
  expect_success({"/usr/bin/python3", GANTRY_CLIENTS_DIR "/docker_py.py"}, "\nOK\n");
}

} // namespace
} // namespace gantry::test
