// Secrets, ssh agents and cache mounts: where they get to, and where they never do.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "api/build/fixture.hpp"

namespace gantry::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

constexpr const char* secret = "zq9-the-secret-3bd"; // "enE5LXRoZS1zZWNyZXQtM2Jk"

class BuildLent : public BuildTest {
 protected:
  /// Lends, and gives the id that a build says.
  std::string lend(HttpClient& stream, const std::string& body) {
    const auto head = upgrade(stream, "/v1.41/build/session", body);
    EXPECT_EQ(head.status, 101);
    std::string line;
    while (!line.ends_with('\n')) line += stream.read_bytes(1);
    return Json::parse(line).value("Id", line);
  }
  std::string lend_secret(HttpClient& stream) { return lend(stream, R"({"Secrets":{"s":"enE5LXRoZS1zZWNyZXQtM2Jk"}})"); }
  Output find_secret() {
    return run({"grep", "-rlF", secret, daemon().data_root(), daemon().exec_root(), daemon().dir() + "/log"});
  }
};

TEST_F(BuildLent, a_secret_is_a_file_or_a_variable_and_nowhere_else) {
  HttpClient stream = connect();
  const std::string id = lend_secret(stream);
  const std::string story = build(
      "FROM busybox\n"
      "RUN --mount=type=secret,id=s,required test $(wc -c < /run/secrets/s) = 18 -a $(stat -c %a:%u /run/secrets/s) = 400:0\n"
      "RUN --mount=type=secret,id=s,env=TOKEN,required echo ${#TOKEN} && test ! -e /run/secrets/s\n"
      "RUN --mount=type=secret,id=s,target=/x,mode=0444,uid=5,gid=6 test \"$(stat -c %a:%u:%g /x)\" = 444:5:6\n"
      "USER 1000\n"
      "RUN --mount=type=secret,id=s,env=TOKEN [\"/bin/sh\", \"-c\", \"echo $TOKEN | cut -c1-3\"]\n"
      "USER 0\nRUN test ! -e /run -a ! -e /x -a -z \"$TOKEN\"\n",
      "&t=lent&gantrysession=" + id);
  EXPECT_THAT(story, HasSubstr("Successfully tagged lent:latest"));
  EXPECT_THAT(story, HasSubstr("18\\n"));
  EXPECT_THAT(story, HasSubstr("zq9\\n"));
  EXPECT_EQ(get("/images/lent/json")["RootFS"]["Layers"].size(), 1U);
  EXPECT_THAT(client().get("/images/lent/history").body, Not(HasSubstr("TOKEN=")));
  EXPECT_EQ(find_secret().out, "");
  EXPECT_THAT(build("FROM busybox\n", "&gantrysession=" + id), HasSubstr("no such build session")); // a session is for one build
}

TEST_F(BuildLent, a_secret_is_on_no_disk_while_a_step_has_it) {
  HttpClient stream = connect(), builder = connect();
  const std::string id = lend_secret(stream);
  builder.send_request("POST", "/v1.41/build?networkmode=none&gantrysession=" + id, {{"Content-Type", "application/x-tar"}},
                       TarBuilder()
                           .file("Dockerfile",
                                 "FROM busybox\nRUN --mount=type=secret,id=s --mount=type=secret,id=s,env=T echo "
                                 "begun; sleep 1000\n")
                           .finish());
  ASSERT_EQ(builder.read_head().status, 200);
  std::string text;
  while (text.find("begun\\n") == std::string::npos) text += builder.read_chunk();
  const Json containers = get("/containers/json");
  ASSERT_EQ(containers.size(), 1U);
  EXPECT_THAT(client().get("/containers/" + containers[0]["Id"].get<std::string>() + "/json").body, Not(HasSubstr(secret)));
  // All that lies on a disk: the tmpfs of the secrets is another file system.
  EXPECT_EQ(run({"find", daemon().data_root(), daemon().exec_root(), daemon().dir() + "/log", "-xdev", "-type", "f", "-exec",
                 "grep", "-lF", secret, "{}", "+"})
                .out,
            "");
  builder.disconnect();
  EXPECT_TRUE(eventually([&] { return client().get("/containers/json?all=1").body == "[]\n"; }));
  EXPECT_TRUE(eventually([&] { return fs::is_empty(daemon().exec_root() + "/build"); }));
  EXPECT_EQ(find_secret().out, "");
}

TEST_F(BuildLent, a_daemon_that_dies_leaves_neither_secrets_nor_steps_behind) {
  const std::string sleeper = "sleep 1000" + std::to_string(::getpid());
  HttpClient stream = connect(), builder = connect();
  const std::string id = lend_secret(stream);
  builder.send_request("POST", "/v1.41/build?networkmode=none&gantrysession=" + id, {{"Content-Type", "application/x-tar"}},
                       TarBuilder()
                           .file("Dockerfile",
                                 "FROM busybox\nRUN --mount=type=secret,id=s --mount=type=cache,target=/c,sharing=locked "
                                 "--mount=target=/b echo begun; touch /c/f; exec " +
                                     sleeper + "\n")
                           .finish());
  ASSERT_EQ(builder.read_head().status, 200);
  std::string text;
  while (text.find("begun\\n") == std::string::npos) text += builder.read_chunk();
  EXPECT_FALSE(fs::is_empty(daemon().exec_root() + "/build"));
  ASSERT_TRUE(eventually([&] { return run({"pgrep", "-f", sleeper}).code == 0; }));
  const std::string container = get("/containers/json")[0]["Id"].get<std::string>();
  daemon().kill();
  EXPECT_EQ(run({"pgrep", "-f", sleeper}).code, 0); // as every container

  daemon().start();
  client().disconnect();
  EXPECT_TRUE(fs::is_empty(daemon().exec_root() + "/build"));
  EXPECT_EQ(find_secret().out, "");
  EXPECT_EQ(client().get("/containers/json?all=1").body, "[]\n");
  EXPECT_TRUE(fs::is_empty(daemon().data_root() + "/build-steps"));
  EXPECT_EQ(run({"pgrep", "-f", sleeper}).out, "");
  EXPECT_EQ(client().get("/containers/" + container + "/json").status, 404);
  EXPECT_FALSE(fs::exists(daemon().data_root() + "/containers/" + container));
  // Nobody else has the cache that the step had for itself.
  EXPECT_THAT(build("FROM busybox\nRUN --mount=type=cache,target=/c,sharing=locked test -e /c/f\n"),
              HasSubstr("Successfully built"));
  EXPECT_EQ(Json::parse(client().post("/build/prune").body)["CachesDeleted"].size(), 2U); // it, and the step
}

TEST_F(BuildLent, the_value_of_a_secret_is_no_part_of_the_cache_key) {
  const std::string dockerfile = "FROM busybox\nRUN --mount=type=secret,id=s echo x > /f\n";
  HttpClient first = connect();
  EXPECT_THAT(build(dockerfile, "&gantrysession=" + lend_secret(first)), Not(HasSubstr("Using cache")));
  HttpClient second = connect();
  EXPECT_THAT(build(dockerfile, "&gantrysession=" + lend(second, R"({"Secrets":{"s":"b3RoZXI="}})")), HasSubstr("Using cache"));
  EXPECT_THAT(build(dockerfile), HasSubstr("Using cache"));
  EXPECT_EQ(find_secret().out, "");
}

TEST_F(BuildLent, what_is_lent_goes_with_its_client) {
  HttpClient stream = connect();
  const std::string id = lend_secret(stream);
  stream.disconnect();
  EXPECT_TRUE(eventually(
      [&] { return build("FROM busybox\n", "&gantrysession=" + id).find("no such build session: " + id) != std::string::npos; }));
}

TEST_F(BuildLent, nonsense_is_refused) {
  const auto error = [&](const std::string& body) {
    HttpClient stream = connect();
    auto head = upgrade(stream, "/v1.41/build/session", body);
    return std::to_string(head.status) + " " +
           stream.read_bytes(static_cast<std::size_t>(std::stoi(head.header("content-length"))));
  };
  EXPECT_THAT(error("[]"), HasSubstr("400 "));
  EXPECT_THAT(error(R"({"Secrets":[]})"), HasSubstr("400 {\"message\":\"Secrets: expected an object of base64 by id\"}"));
  EXPECT_THAT(error(R"({"Secrets":{"s":"!!"}})"), HasSubstr("the secret \\\"s\\\" is not base64"));
  EXPECT_THAT(error(R"({"Secrets":{"s":")" + std::string(800 << 10, 'A') + R"("}})"), HasSubstr("invalid secret size 614400"));
  EXPECT_THAT(error(R"({"Ssh":[1]})"), HasSubstr("Ssh: expected a list of ids"));
  EXPECT_EQ(client().get("/_ping").status, 200);
}

/// The next line of a hijacked stream.
Json next_line(HttpClient& stream) {
  std::string line;
  while (!line.ends_with('\n')) line += stream.read_bytes(1);
  return Json::parse(line);
}

/// The socket that a step has, from outside of its container.
std::string find_socket(const std::string& directory) {
  for (const auto& item : fs::recursive_directory_iterator(directory))
    if (item.is_socket()) return item.path();
  return "";
}

TEST_F(BuildLent, an_agent_is_asked_through_its_client) {
  HttpClient stream = connect(), builder = connect();
  const std::string id = lend(stream, R"({"Ssh":["default"]})");
  const std::string script =
      "test -S $SSH_AUTH_SOCK -a $SSH_AUTH_SOCK = /run/buildkit/ssh_agent.0 -a \"$(stat -c %a $SSH_AUTH_SOCK)\" = "
      "600 && echo begun && sleep 1000";
  builder.send_request("POST", "/v1.41/build?networkmode=none&gantrysession=" + id, {{"Content-Type", "application/x-tar"}},
                       TarBuilder().file("Dockerfile", "FROM busybox\nRUN --mount=type=ssh,required " + script + "\n").finish());
  ASSERT_EQ(builder.read_head().status, 200);
  std::string text;
  while (text.find("begun\\n") == std::string::npos) text += builder.read_chunk();

  // What a program of the step would do.
  HttpClient program(find_socket(daemon().exec_root() + "/build"));
  program.send(std::string("\0\0", 2));
  program.send(std::string("\0\1\013\0\0\0\2ab", 9)); // the rest of one message, and another
  Json question = next_line(stream);
  EXPECT_EQ(question, Json::parse(R"({"Agent":"default","Connection":0,"Message":"Cw=="})"));
  stream.send("{\"Message\":\"DAAAAAE=\"}\n");
  EXPECT_EQ(program.read_bytes(9), std::string("\0\0\0\5\014\0\0\0\1", 9));
  question = next_line(stream);
  EXPECT_EQ(question["Message"], "YWI=");
  stream.send("{\"Message\":\"BQ==\"}\n");
  EXPECT_EQ(program.read_bytes(5), std::string("\0\0\0\1\5", 5));

  HttpClient hostile(find_socket(daemon().exec_root() + "/build"));
  hostile.send("\x7f\xff\xff\xff too long");
  EXPECT_TRUE(hostile.closed());
  EXPECT_EQ(next_line(stream), Json::parse(R"({"Agent":"default","Connection":1})"));
  // Without its client the agent is silent, and the build goes on.
  stream.disconnect();
  program.send(std::string("\0\0\0\1\013", 5));
  EXPECT_TRUE(program.closed());
  builder.disconnect();
  EXPECT_TRUE(eventually([&] { return fs::is_empty(daemon().exec_root() + "/build"); }));
}

TEST_F(BuildLent, cache_mounts_are_listed_kept_and_pruned) {
  const std::string dockerfile =
      "FROM busybox\nRUN --mount=type=cache,target=/c date > /c/f && cat /c/f /c/old 2>/dev/null; echo 12345 > "
      "/c/old\n";
  build(dockerfile);
  const auto mounts = [&] {
    Json found = Json::array();
    const Json usage = get("/v1.44/system/df");
    for (const Json& entry : usage["BuildCache"])
      if (entry["Type"] == "exec.cachemount") found.push_back(entry);
    return found;
  };
  ASSERT_EQ(mounts().size(), 1U);
  EXPECT_EQ(mounts()[0]["Description"], "cached mount /c with id \"/c\"");
  EXPECT_GE(mounts()[0]["Size"], 6);
  EXPECT_EQ(mounts()[0]["InUse"], false);
  daemon().kill();
  daemon().start();
  client().disconnect();
  EXPECT_THAT(build("FROM busybox\nRUN --mount=type=cache,target=/c cat /c/old\n"), HasSubstr("12345"));
  EXPECT_EQ(mounts()[0]["UsageCount"], 2);
  const Json steps = Json::parse(client().post("/build/prune?filters=%7B%22type%22%3A%5B%22regular%22%5D%7D").body);
  EXPECT_EQ(steps["CachesDeleted"].size(), 2U);
  ASSERT_EQ(mounts().size(), 1U);
  const Json pruned = Json::parse(client().post("/build/prune").body);
  EXPECT_EQ(pruned["CachesDeleted"].size(), 1U);
  EXPECT_GE(pruned["SpaceReclaimed"], 6);
  EXPECT_EQ(mounts().size(), 0U);
  EXPECT_TRUE(fs::is_empty(daemon().data_root() + "/cache-mounts"));
}

TEST_F(BuildLent, a_locked_cache_mount_waits_and_one_in_use_is_not_pruned) {
  HttpClient other = connect();
  const std::string held =
      "FROM busybox\nRUN --mount=type=cache,id=l,sharing=locked,target=/c echo begun; sleep 2; echo done > /c/f\n";
  other.send_request("POST", "/build?networkmode=none", {{"Content-Type", "application/x-tar"}},
                     TarBuilder().file("Dockerfile", held).finish());
  ASSERT_EQ(other.read_head().status, 200);
  std::string text;
  while (text.find("begun\\n") == std::string::npos) text += other.read_chunk();
  EXPECT_EQ(
      Json::parse(client().post("/build/prune?filters=%7B%22type%22%3A%5B%22exec.cachemount%22%5D%7D").body)["CachesDeleted"],
      nullptr);
  EXPECT_THAT(build("FROM busybox\nRUN --mount=type=cache,id=l,sharing=private,target=/c test ! -e /c/f\n"),
              HasSubstr("Successfully built"));
  EXPECT_THAT(build("FROM busybox\nRUN --mount=type=cache,id=l,sharing=locked,target=/c cat /c/f\n"), HasSubstr("done"));
}

TEST_F(BuildLent, a_cache_mount_survives_a_daemon_that_dies_in_its_making_and_deleting) {
  for (const char* point : {"build.before_cache_mount=kill", "build.before_cache_mount_is_deleted=kill"}) {
    SCOPED_TRACE(point);
    const std::string dockerfile = "FROM busybox\nRUN --mount=type=cache,target=/c echo 1 > /c/f\n";
    daemon().terminate();
    daemon().start({{"GANTRY_FAILPOINTS", point}});
    client().disconnect();
    try {
      build(dockerfile);
      client().post("/build/prune");
      ADD_FAILURE() << "the daemon lives";
    } catch (const std::runtime_error&) {
      // as it was to be
    }
    daemon().kill();
    daemon().start();
    client().disconnect();
    EXPECT_TRUE(fs::is_empty(daemon().data_root() + "/cache-mounts"));
    EXPECT_THAT(build(dockerfile), HasSubstr("Successfully built"));
    client().post("/build/prune");
  }
}

} // namespace
} // namespace gantry::test
