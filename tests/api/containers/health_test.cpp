// Health checks in real containers.
#include <nlohmann/json.hpp>

#include "support/api_test.hpp"
#include "support/rootfs.hpp"

namespace gantry::test {
namespace {

using Json = nlohmann::json;

class Health : public ApiTest {
 protected:
  void SetUp() override {
    ApiTest::SetUp();
    if (IsSkipped()) return;
    if (auto why = need_busybox(); !why.empty()) GTEST_SKIP() << why;
    import_busybox(daemon());
  }

  /// A container of busybox that runs `script`, with further members of the create request.
  void run(const std::string& name, const std::string& script, Json more, Json host = Json::object()) {
    more["Image"] = "busybox";
    more["Cmd"] = {"sh", "-c", script};
    if (!host.contains("NetworkMode")) host["NetworkMode"] = "none";
    more["HostConfig"] = host;
    const auto reply = client().post_json("/containers/create?name=" + name, more.dump());
    ASSERT_EQ(reply.status, 201) << reply.body;
    start(name);
  }
  static Json check(const std::string& command, int interval_ms = 50) {
    return {{"Healthcheck", {{"Test", {"CMD-SHELL", command}}, {"Interval", interval_ms * 1'000'000}, {"Retries", 2}}}};
  }
  static Json probe(const std::string& url, const std::string& on_unhealthy = "none", int timeout_ms = 2000) {
    return {{"Healthcheck", {{"Interval", 50'000'000}, {"Retries", 2}, {"Timeout", timeout_ms * 1'000'000LL}}},
            {"Gantry", {{"Probe", {{"URL", url}}}, {"OnUnhealthy", on_unhealthy}}}};
  }

  Json inspect(const std::string& name) { return Json::parse(client().get("/containers/" + name + "/json").body); }
  Json health(const std::string& name) { return inspect(name)["State"]["Health"]; }
  bool becomes(const std::string& name, const std::string& status) {
    return eventually([&] { return health(name)["Status"] == status; }, std::chrono::seconds(30));
  }
  /// The STATUS column of the first container with that health.
  std::string status_of(const std::string& wanted) {
    const auto list = Json::parse(client().get("/containers/json?filters=%7B%22health%22:[%22" + wanted + "%22]%7D").body);
    return list.empty() ? "" : list[0]["Status"].get<std::string>();
  }
  std::string exec(const std::string& name, const std::string& script) {
    return daemon().gantry({"exec", name, "sh", "-c", script}).out;
  }
};

TEST_F(Health, of_a_command_is_seen_in_inspect_list_and_filter) {
  run("box", "sleep 1000", check("cat /tmp/ok; echo $HOME >&2", 1500));
  EXPECT_EQ(health("box")["Status"], "starting");
  EXPECT_NE(status_of("starting").find("(health: starting)"), std::string::npos);
  EXPECT_TRUE(becomes("box", "healthy")) << health("box");
  run("sick", "sleep 1000", check("echo no; exit 3"));
  ASSERT_TRUE(becomes("sick", "unhealthy")) << health("sick");
  const auto result = health("sick")["Log"].back();
  EXPECT_EQ(result["ExitCode"], 3);
  EXPECT_EQ(result["Output"], "no\n");
  EXPECT_NE(status_of("unhealthy").find("(unhealthy)"), std::string::npos);
  EXPECT_NE(status_of("healthy").find("(healthy)"), std::string::npos);
  EXPECT_EQ(status_of("none"), "");
}

TEST_F(Health, a_probe_that_takes_too_long_dies_with_its_children) {
  auto request = check("sleep 1234 & sleep 1234");
  request["Healthcheck"]["Timeout"] = 200'000'000;
  request["Healthcheck"]["Interval"] = 50'000'000;
  run("box", "sleep 1000", request);
  ASSERT_TRUE(becomes("box", "unhealthy")) << health("box");
  EXPECT_EQ(health("box")["Log"][0]["Output"], "Health check exceeded timeout (200ms)");
  EXPECT_EQ(health("box")["Log"][0]["ExitCode"], -1);
  ASSERT_TRUE(eventually([&] { return health("box")["FailingStreak"] >= 5; }, std::chrono::seconds(30)));
  // Those of the check that runs now at most.
  EXPECT_TRUE(eventually([&] { return std::stoi(exec("box", "ps -o args | grep -c '^sleep 1234'")) <= 2; })) << exec("box", "ps");
}

TEST_F(Health, a_check_runs_as_the_user_and_in_the_directory_of_the_container) {
  auto request = check("id -u; pwd");
  request["User"] = "user";
  request["WorkingDir"] = "/tmp";
  request["Shell"] = {"/bin/busybox", "sh", "-ec"};
  run("box", "sleep 1000", request);
  ASSERT_TRUE(becomes("box", "healthy")) << health("box");
  EXPECT_EQ(health("box")["Log"][0]["Output"], "1000\n/tmp\n");
}

TEST_F(Health, is_known_and_watched_after_the_daemon_was_killed) {
  run("box", "touch /tmp/ok; sleep 1000", check("test -e /tmp/ok"));
  ASSERT_TRUE(becomes("box", "healthy")) << health("box");
  daemon().kill();
  daemon().start();
  client().disconnect();
  EXPECT_EQ(health("box")["Status"], "healthy");
  exec("box", "rm /tmp/ok");
  EXPECT_TRUE(becomes("box", "unhealthy")) << health("box");
}

TEST_F(Health, the_engine_asks_an_http_server_in_the_containers_network) {
  run("web", "mkdir /www; echo fine >/www/ok; exec httpd -f -p 8080 -h /www", probe("http://:8080/ok"));
  ASSERT_TRUE(becomes("web", "healthy")) << health("web");
  EXPECT_EQ(health("web")["Log"].back()["Output"], "HTTP/1.1 200 OK");
  EXPECT_EQ(inspect("web")["Gantry"]["Probe"]["URL"], "http://:8080/ok");
  exec("web", "rm /www/ok");
  ASSERT_TRUE(becomes("web", "unhealthy")) << health("web");
  EXPECT_EQ(health("web")["Log"].back()["Output"].get<std::string>().substr(0, 22), "HTTP/1.1 404 Not Found");
  EXPECT_EQ(inspect("web")["ExecIDs"], nullptr);
}

TEST_F(Health, the_engine_connects_to_a_port_in_a_joined_network_and_in_the_hosts) {
  run("db", "exec nc -ll -p 5432 -e true", probe("tcp://:5432"));
  ASSERT_TRUE(becomes("db", "healthy")) << health("db");
  run("guest", "sleep 1000", probe("tcp://127.0.0.1:5432"), {{"NetworkMode", "container:db"}});
  EXPECT_TRUE(becomes("guest", "healthy")) << health("guest");
  run("lonely", "sleep 1000", probe("tcp://:5432"));
  EXPECT_TRUE(becomes("lonely", "unhealthy")) << health("lonely");
  EXPECT_EQ(health("lonely")["Log"].back()["Output"], "tcp://:5432: 127.0.0.1 port 5432: connect: Connection refused");
  run("host", "exec nc -ll -p 15432 -e true", probe("tcp://:15432"), {{"NetworkMode", "host"}});
  EXPECT_TRUE(becomes("host", "healthy")) << health("host");
}

TEST_F(Health, hostile_servers_are_cut_short) {
  run("flood", "exec nc -ll -p 80 -e yes", probe("http://:80"));
  run("mute", "exec nc -ll -p 80 -e sleep 1000", probe("http://:80", "none", 200));
  run("rude", "exec nc -ll -p 80 -e true", probe("http://:80"));
  const auto says = [&](const std::string& name, const std::string& text) {
    return eventually(
        [&] {
          const auto log = health(name)["Log"];
          return !log.empty() && log.back()["Output"].get<std::string>().starts_with(text);
        },
        std::chrono::seconds(30));
  };
  EXPECT_TRUE(says("flood", "not an HTTP answer: y\ny\n")) << health("flood");
  EXPECT_TRUE(says("mute", "Health check exceeded timeout (200ms)")) << health("mute");
  EXPECT_TRUE(says("rude", "the server closed the connection without an answer")) << health("rude");
  for (const char* name : {"flood", "mute", "rude"}) EXPECT_TRUE(becomes(name, "unhealthy")) << health(name);
}

TEST_F(Health, an_unhealthy_container_is_restarted) {
  auto request = probe("tcp://:80", "restart");
  request["StopTimeout"] = 0;
  run("box", "rm -f /tmp/sick; nc -ll -p 80 -e true & while [ ! -e /tmp/sick ]; do sleep 0.05; done; kill %1; sleep 1000",
      request);
  ASSERT_TRUE(becomes("box", "healthy")) << health("box");
  exec("box", "touch /tmp/sick");
  ASSERT_TRUE(eventually([&] { return inspect("box")["RestartCount"] == 1; }, std::chrono::seconds(30)));
  EXPECT_TRUE(becomes("box", "healthy")) << health("box");
}

TEST_F(Health, bad_checks_are_refused_and_nothing_is_made) {
  const auto refused = [&](const std::string& more) {
    const auto reply = client().post_json("/containers/create", R"({"Image":"busybox",)" + more + "}");
    EXPECT_EQ(reply.status, 400) << reply.body;
    return Json::parse(reply.body).value("message", "");
  };
  EXPECT_EQ(refused(R"("Healthcheck":{"Interval":5})"), "Interval in Healthcheck cannot be less than 1ms");
  EXPECT_EQ(refused(R"("Healthcheck":{"Retries":-1})"), "Retries in Healthcheck cannot be negative");
  EXPECT_NE(refused(R"("Gantry":{"Probe":{"URL":"ftp://:1"}})").find("scheme"), std::string::npos);
  EXPECT_NE(refused(R"("Gantry":{"OnUnhealthy":"restart"})").find("no health check"), std::string::npos);
  EXPECT_NE(refused(R"("Gantry":{"Probe":{"URL":"tcp://:1"}},"Healthcheck":{"Test":["CMD","x"]})").find("one health check"),
            std::string::npos);
  EXPECT_EQ(client().get("/containers/json?all=1").body, "[]\n");
}

} // namespace
} // namespace gantry::test
