// What `docker events` of a real dockerd 20.10 shows for the same operations, without the network's events.
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <sstream>

#include "support/api_test.hpp"
#include "support/rootfs.hpp"

namespace gantry::test {
namespace {

using ::testing::ElementsAre;
using Json = nlohmann::json;

class EventOrder : public ApiTest {
 protected:
  void SetUp() override {
    ApiTest::SetUp();
    if (IsSkipped()) return;
    if (auto why = need_busybox(); !why.empty()) GTEST_SKIP() << why;
    import_busybox(daemon());
  }
  void gantry(std::vector<std::string> args, int code = 0) {
    const Output o = daemon().gantry(args);
    EXPECT_EQ(o.code, code) << args[0] << ": " << o.err;
  }
  /// The containers' events so far, as "action key=value": the keys that only this action has.
  std::vector<std::string> events() {
    const auto reply = client().get("/events?since=1&until=" + std::to_string(::time(nullptr) + 1) +
                                    "&filters=%7B%22type%22:[%22container%22]%7D");
    std::vector<std::string> found;
    std::istringstream lines(reply.body);
    for (std::string line; std::getline(lines, line);) {
      const auto event = Json::parse(line);
      std::string text = event["Action"];
      for (const auto& [key, value] : event["Actor"]["Attributes"].items()) {
        if (key != "image" && key != "name" && key != "execID" && key != "execDuration")
          text += " " + key + "=" + value.get<std::string>();
      }
      found.push_back(text);
    }
    return found;
  }
};

TEST_F(EventOrder, of_a_containers_life_is_dockers) {
  gantry({"create", "--name", "box", "--network", "none", "busybox", "sh", "-c",
          "trap 'exit 3' TERM; while :; do sleep 0.05; done"});
  gantry({"start", "box"});
  gantry({"exec", "box", "echo", "hi"});
  gantry({"exec", "box", "nosuch"}, 127);
  gantry({"rename", "box", "other"});
  gantry({"pause", "other"});
  gantry({"unpause", "other"});
  gantry({"kill", "-s", "CHLD", "other"});
  gantry({"pause", "other"});
  gantry({"stop", "other"});
  gantry({"start", "other"});
  gantry({"restart", "other"});
  gantry({"kill", "other"});
  gantry({"rm", "other"});
  EXPECT_THAT(events(), ElementsAre("create", "start", "exec_create: echo hi", "exec_start: echo hi", "exec_die exitCode=0",
                                    "exec_create: nosuch ", "exec_start: nosuch ", "rename oldName=/box", "pause", "unpause",
                                    "kill signal=17", "pause", "kill signal=15", "unpause", "die exitCode=3", "stop", "start",
                                    "kill signal=15", "die exitCode=3", "stop", "start", "restart", "kill signal=9",
                                    "die exitCode=137", "destroy"));
}

TEST_F(EventOrder, of_a_restart_policy_and_of_removals_is_dockers) {
  gantry({"create", "--name", "box", "--network", "none", "--restart", "on-failure:1", "busybox", "false"});
  gantry({"start", "box"});
  ASSERT_TRUE(eventually([this] {
    return daemon().gantry({"inspect", "-f", "{{.RestartCount}} {{.State.Status}}", "box"}).out == "1 exited\n";
  }));
  gantry({"rm", "box"});
  gantry({"create", "--name", "box", "--network", "none", "--label", "a=b", "busybox", "sleep", "1000"});
  gantry({"start", "box"});
  gantry({"rm", "-f", "box"});
  EXPECT_EQ(client().post("/containers/prune").status, 200);
  EXPECT_THAT(events(),
              ElementsAre("create", "start", "die exitCode=1", "start", "die exitCode=1", "destroy", "create a=b", "start a=b",
                          "kill a=b signal=9", "die a=b exitCode=137", "destroy a=b", "prune reclaimed=0"));
}

} // namespace
} // namespace gantry::test
