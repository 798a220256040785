#include <fstream>

#include <nlohmann/json.hpp>

#include "support/api_test.hpp"
#include "support/rootfs.hpp"

namespace gantry::test {
namespace {

using Json = nlohmann::json;

class Observe : public ApiTest {
 protected:
  void SetUp() override {
    ApiTest::SetUp();
    if (IsSkipped()) return;
    if (auto why = need_busybox(); !why.empty()) GTEST_SKIP() << why;
    import_busybox(daemon());
  }
  void create_busybox(const std::string& name, const std::string& script, const std::string& host = "") {
    const Json command = {"sh", "-c", script};
    const auto reply =
        client().post_json("/containers/create?name=" + name, R"({"Image":"busybox","Cmd":)" + command.dump() +
                                                                  R"(,"HostConfig":{"NetworkMode":"none")" + host + "}}");
    ASSERT_EQ(reply.status, 201) << reply.body;
  }
  Json get(const std::string& target) {
    const auto reply = client().get(target);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return Json::parse(reply.body, nullptr, false);
  }
  Json explained(const std::string& name) { return get("/gantry/containers/" + name + "/explain"); }
  std::string sentences(const std::string& name) { return explained(name)["Explanation"].dump(); }
};

TEST_F(Observe, stats_of_a_busy_container_show_its_load_and_its_limits) {
  create_busybox("busy", "while :; do :; done", R"(,"Memory":67108864,"PidsLimit":20)");
  start("busy");
  const Json stats = get("/containers/busy/stats?stream=0");
  EXPECT_EQ(stats["memory_stats"]["limit"], 67108864);
  EXPECT_EQ(stats["pids_stats"]["limit"], 20);
  EXPECT_GT(stats["pids_stats"]["current"], 0);
  EXPECT_GT(stats["cpu_stats"]["cpu_usage"]["total_usage"], stats["precpu_stats"]["cpu_usage"]["total_usage"]);
  EXPECT_FALSE(stats.contains("networks")) << "no interface, no counters";
  EXPECT_EQ(stats.contains("pressure_stats"), std::ifstream("/proc/pressure/cpu").good());
}

TEST_F(Observe, explain_tells_an_out_of_memory_kill_at_the_containers_own_limit) {
  create_busybox("greedy", "x=a; while :; do x=$x$x; done", R"(,"Memory":16777216,"MemorySwap":16777216)");
  start("greedy");
  client().post("/containers/greedy/wait");
  const Json why = explained("greedy");
  EXPECT_EQ(why["Runs"][0]["EndedBy"], "memory") << why;
  EXPECT_EQ(why["Runs"][0]["MemoryLimitHit"], true);
  EXPECT_EQ(why["Runs"][0]["MemoryLimit"], 16777216);
  EXPECT_NE(sentences("greedy").find("it reached its own limit of 16.0 MiB"), std::string::npos) << why;
}

TEST_F(Observe, explain_names_the_program_that_could_not_be_run) {
  const auto made = client().post_json("/containers/create?name=missing",
                                       R"({"Image":"busybox","Cmd":["/no/such"],"HostConfig":{"NetworkMode":"none"}})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(client().post("/containers/missing/start").status, 400);
  const Json why = explained("missing");
  EXPECT_EQ(why["Start"]["FailedStep"], "start") << why;
  EXPECT_NE(sentences("missing").find("/no/such"), std::string::npos) << why;
}

TEST_F(Observe, explain_sees_throttling_and_what_happened_before_a_daemon_was_killed) {
  create_busybox("slow", "while :; do :; done", R"(,"NanoCpus":100000000)");
  create_busybox("ended", "exit 5");
  start("slow");
  start("ended");
  client().post("/containers/ended/wait");
  daemon().kill();
  client().disconnect();
  daemon().start();
  const auto throttled = [&] { return explained("slow")["Load"]["Throttling"]["throttled_periods"]; };
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (throttled() == 0 && std::chrono::steady_clock::now() < deadline) continue;
  EXPECT_NE(sentences("slow").find("Its CPU limit held it back"), std::string::npos);
  EXPECT_FALSE(explained("slow")["Start"]["Steps"].empty()) << "the timings of the start outlive the daemon";
  EXPECT_EQ(explained("ended")["Runs"][0]["ExitCode"], 5);
}

TEST_F(Observe, top_takes_the_arguments_of_ps) {
  create_busybox("web", "sleep 100");
  start("web");
  Json top;
  // The shell takes a moment to become what it runs.
  EXPECT_TRUE(eventually([&] {
    top = get("/containers/web/top?ps_args=-o%20comm,pid");
    return top["Processes"].size() == 1 && top["Processes"][0][0] == "sleep";
  })) << top;
  EXPECT_EQ(top["Titles"], Json({"COMMAND", "PID"}));
  const auto bad = client().get("/containers/web/top?ps_args=-o%20comm");
  EXPECT_EQ(bad.status, 500);
  EXPECT_EQ(Json::parse(bad.body)["message"], "Couldn't find PID field in ps output");
}

} // namespace
} // namespace gantry::test
