// POST /build and what belongs to it over HTTP: the stream, the cache, cancels and limits.
#include <gmock/gmock.h>

#include <filesystem>

#include "base/json.hpp"
#include "support/api_test.hpp"
#include "support/rootfs.hpp"
#include "unit/images/archive_builder.hpp"

namespace gantry::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class BuildApi : public ApiTest {
 protected:
  void SetUp() override {
    if (auto why = need_busybox(); !why.empty()) GTEST_SKIP() << why;
    ApiTest::SetUp();
    if (!IsSkipped()) import_busybox(daemon());
  }

  HttpReply build(const std::string& dockerfile, const std::string& query = "", const std::string& file = "x",
                  Compression compression = Compression::none) {
    return client().request("POST", "/v1.41/build?networkmode=none" + query, {{"Content-Type", "application/x-tar"}},
                            TarBuilder(compression).file("Dockerfile", dockerfile).file("a", file).finish());
  }
  Json get(const std::string& target) { return Json::parse(client().get(target).body); }
  static std::vector<Json> messages(const std::string& body) {
    std::vector<Json> all;
    std::istringstream lines(body);
    for (std::string line; std::getline(lines, line);)
      if (line.size() > 1) all.push_back(Json::parse(line));
    return all;
  }
};

TEST_F(BuildApi, hostile_files_and_queries_are_refused) {
  std::string bomb = "ARG A0=xxxxxxxxxxxxxxxx\n", chain = "FROM busybox AS a0\n";
  for (int i = 1; i < 13; ++i) {
    bomb += "ARG A" + std::to_string(i) + "=";
    for (int n = 0; n < 8; ++n) bomb += "$A" + std::to_string(i - 1);
    bomb += "\n";
  }
  EXPECT_THAT(build(bomb + "FROM busybox\n").body, HasSubstr("a substitution makes more than 1 MiB"));
  for (int i = 1; i <= 2000; ++i) chain += "FROM a" + std::to_string(i - 1) + " AS a" + std::to_string(i) + "\n";
  EXPECT_THAT(build(chain).body, HasSubstr("the Dockerfile has 2001 stages; allowed are 1000"));
  std::string deep;
  for (int i = 0; i < 20000; ++i) deep += "%5B";
  for (int i = 0; i < 20000; ++i) deep += "%5D";
  EXPECT_THAT(build("FROM busybox\n", "&buildargs=%7B%22a%22:" + deep + "%7D").body, HasSubstr("expected a string, got array"));
  EXPECT_THAT(client().post("/v1.41/build?remote=file:///etc/.git").body, HasSubstr("could not be recognized as URL"));
  EXPECT_EQ(client().get("/_ping").status, 200);
}

TEST_F(BuildApi, tells_the_classic_builders_story) {
  const auto reply = build("FROM busybox\nRUN echo out; echo err >&2\n", "&t=one&t=two:2");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("content-type"), "application/json");
  const auto all = messages(reply.body);
  const auto text = [&](std::size_t i) { return all.at(i).value("stream", ""); };
  EXPECT_EQ(text(0), "Step 1/2 : FROM busybox");
  EXPECT_EQ(text(1), "\n");
  EXPECT_THAT(text(2), ::testing::MatchesRegex(" ---> [0-9a-f]{12}\n"));
  EXPECT_EQ(text(3), "Step 2/2 : RUN echo out; echo err >&2");
  EXPECT_THAT(text(5), ::testing::MatchesRegex(" ---> Running in [0-9a-f]{12}\n"));
  EXPECT_EQ(text(6), "out\n");
  EXPECT_EQ(text(7),
            "\x1b[91m"
            "err\n\x1b[0m");
  EXPECT_THAT(text(8), ::testing::MatchesRegex(" ---> Removed intermediate container [0-9a-f]{12}\n"));
  const std::string id = all.at(10).at("aux").at("ID");
  EXPECT_EQ(text(11), "Successfully built " + id.substr(7, 12) + "\n");
  EXPECT_EQ(text(12), "Successfully tagged one:latest\n");
  EXPECT_EQ(text(13), "Successfully tagged two:2\n");
  EXPECT_EQ(get("/images/two:2/json")["Id"], id);
}

TEST_F(BuildApi, a_failing_step_tells_its_code_and_leaves_its_container) {
  const auto all = messages(build("FROM busybox\nRUN exit 3\n").body);
  EXPECT_EQ(all.back()["errorDetail"]["code"], 3);
  EXPECT_EQ(all.back()["error"], "The command '/bin/sh -c exit 3' returned a non-zero code: 3");
  const Json containers = get("/containers/json?all=1");
  ASSERT_EQ(containers.size(), 1U);
  EXPECT_EQ(client().del("/containers/" + containers[0]["Id"].get<std::string>()).status, 204);
}

TEST_F(BuildApi, quiet_gives_the_id_only) {
  EXPECT_THAT(build("FROM busybox\nRUN echo no\n", "&q=1").body,
              ::testing::MatchesRegex("\\{\"stream\":\"sha256:[0-9a-f]{64}\\\\n\"\\}\r\n"));
}

TEST_F(BuildApi, the_same_again_comes_from_the_cache) {
  const std::string dockerfile = "FROM busybox\nARG V=1\nCOPY a /a\nRUN echo $V > /v\nCMD x\n";
  const auto first = messages(build(dockerfile).body), second = messages(build(dockerfile).body);
  EXPECT_EQ(first.back(), second.back());
  EXPECT_THAT(build(dockerfile).body, Not(HasSubstr("Running in")));
  EXPECT_THAT(build(dockerfile, "&nocache=1").body, Not(HasSubstr("Using cache")));
  EXPECT_THAT(build(dockerfile, "&buildargs=%7B%22V%22%3A%222%22%7D").body, HasSubstr("Running in"));
  const auto changed = build(dockerfile, "", "y").body;
  EXPECT_THAT(changed, HasSubstr("Using cache"));
  EXPECT_THAT(changed, HasSubstr("Running in"));
}

TEST_F(BuildApi, the_cache_outlives_the_daemon_and_the_image) {
  const std::string dockerfile = "FROM busybox\nRUN echo 1 > /v\n";
  build(dockerfile, "&t=gone");
  EXPECT_EQ(client().del("/images/gone").status, 200);
  daemon().kill();
  daemon().start();
  client().disconnect();
  EXPECT_THAT(build(dockerfile, "&t=back").body, HasSubstr("Using cache"));
  EXPECT_EQ(client().get("/images/back/json").status, 200);
}

TEST_F(BuildApi, prune_forgets_and_disk_usage_counts) {
  build("FROM busybox\nRUN echo 12345 > /v\n", "&t=x");
  EXPECT_EQ(client().del("/images/x").status, 200);
  const Json usage = get("/v1.44/system/df");
  ASSERT_EQ(usage["BuildCache"].size(), 1U);
  EXPECT_EQ(usage["BuildCache"][0]["Size"], 6);
  EXPECT_EQ(usage["BuildCache"][0]["Shared"], false);
  const Json pruned = Json::parse(client().post("/build/prune").body);
  EXPECT_EQ(pruned["CachesDeleted"].size(), 1U);
  EXPECT_EQ(pruned["SpaceReclaimed"], 6);
  EXPECT_EQ(Json::parse(client().post("/build/prune").body)["CachesDeleted"], nullptr);
  EXPECT_THAT(build("FROM busybox\nRUN echo 12345 > /v\n").body, Not(HasSubstr("Using cache")));
}

TEST_F(BuildApi, a_context_may_be_packed) {
  for (const auto compression : {Compression::gzip, Compression::bzip2, Compression::xz, Compression::zstd})
    EXPECT_THAT(build("FROM busybox\nCOPY a /a\n", "", "x", compression).body, HasSubstr("Successfully built"));
}

TEST_F(BuildApi, of_a_file_that_is_twice_in_the_context_the_last_one_counts) {
  const auto reply = client().request("POST", "/v1.41/build?networkmode=none", {{"Content-Type", "application/x-tar"}},
                                      TarBuilder()
                                          .file("Dockerfile", "FROM busybox\nCOPY a l /\nRUN test \"$(cat /a /l)\" = 22\n")
                                          .file("a", "long and old")
                                          .symlink("l", "/etc/passwd")
                                          .file("l", "2")
                                          .file("a", "2")
                                          .finish());
  EXPECT_THAT(reply.body, HasSubstr("Successfully built"));
}

TEST_F(BuildApi, setuid_files_stay_so_for_clients_that_say_it) {
  const std::string begin = "FROM busybox AS s\nRUN echo x > /f && chmod 4755 /f\nFROM busybox\nCOPY --from=s /f /g\n";
  const auto has = [&](const std::string& mode) { return begin + "RUN test \"$(stat -c %a /g)\" = " + mode + "\n"; };
  EXPECT_THAT(build(has("755")).body, HasSubstr("Successfully built"));
  EXPECT_THAT(build(has("4755"), "&setuid=1").body, HasSubstr("Successfully built"));
  EXPECT_THAT(build(has("755")).body, HasSubstr("Using cache")) << "a cache of its own";
}

TEST_F(BuildApi, what_is_wrong_with_the_request_is_an_error_status) {
  const auto message = [](const HttpReply& reply) { return Json::parse(reply.body).value("message", ""); };
  EXPECT_EQ(build("FROM busybox\nFOO\n").status, 400);
  EXPECT_EQ(message(build("FROM busybox\nFOO\n")), "dockerfile parse error line 2: unknown instruction: FOO");
  EXPECT_EQ(message(build("FROM busybox\n", "&squash=1")), "squash is only supported with experimental mode");
  EXPECT_EQ(message(build("FROM busybox\n", "&t=FOO")),
            "invalid reference format: repository name (library/FOO) must be lowercase");
  EXPECT_EQ(message(build("FROM busybox\n", "&buildargs=x")),
            "error reading build args: invalid character 'x' looking for beginning of value");
  EXPECT_EQ(message(build("FROM busybox\n", "&version=3")), "invalid version \"3\"");
  EXPECT_EQ(client().request("POST", "/build", {}, "this is no tar at all").status, 400);
}

TEST_F(BuildApi, clients_that_ask_for_it_get_the_place_of_an_error) {
  const auto broken = build("FROM busybox\nFORM x\n", "&positions=Dockerfile");
  EXPECT_EQ(broken.status, 400);
  EXPECT_EQ(Json::parse(broken.body)["message"],
            "Dockerfile:2:1: unknown instruction: FORM (did you mean FROM?)\n   2 | FORM x\n     | ^~~~");
  const auto last = [&](const std::string& dockerfile) {
    return messages(build(dockerfile, "&forcerm=1&positions=D").body).back();
  };
  const Json failed = last("FROM busybox\nRUN exit 3\n");
  EXPECT_EQ(failed["error"], "D:2: The command '/bin/sh -c exit 3' returned a non-zero code: 3\n   2 | RUN exit 3");
  EXPECT_EQ(failed["errorDetail"]["code"], 3);
  EXPECT_EQ(last("FROM busybox\nENV \\\n  a=${b:?foo}\n")["error"],
            "D:3:5: failed to process \"${b:?foo}\": b: foo\n   2 | ENV \\\n   3 |   a=${b:?foo}\n     |     ^~~~~~~~~");
  EXPECT_EQ(last("FROM busybox AS a\nRUN true\nFROM busybox\nCOPY nope /\n")["error"],
            "D:4: COPY failed: file not found in build context or excluded by .dockerignore: stat nope: file does not exist\n   "
            "4 | COPY "
            "nope /");
}

TEST_F(BuildApi, a_check_tells_warnings_and_builds_nothing) {
  const std::string dockerfile = "FROM busybox AS Web\nRUN false\nENV A=$NOPE\n";
  const auto all = messages(build(dockerfile, "&check=1").body);
  ASSERT_EQ(all.size(), 1U);
  const Json& warnings = all[0]["lint"]["warnings"];
  ASSERT_EQ(warnings.size(), 2U) << warnings;
  EXPECT_EQ(warnings[0]["rule"], "StageNameCasing");
  EXPECT_EQ(warnings[1]["rule"], "UndefinedVar");
  EXPECT_EQ(warnings[1]["line"], 3);
  EXPECT_THAT(warnings[1]["excerpt"].get<std::string>(), HasSubstr("   3 | >>> ENV A=$NOPE\n"));
  EXPECT_EQ(messages(build("FROM busybox\n", "&check=1").body).at(0)["lint"]["warnings"], Json::array());
  EXPECT_EQ(build("FROM busybox\nFOO\n", "&check=1").status, 400);
}

TEST_F(BuildApi, warnings_are_errors_when_the_dockerfile_says_so) {
  const auto strict = build("# check=error=true\nFROM busybox AS Web\n");
  EXPECT_EQ(strict.status, 400);
  EXPECT_EQ(Json::parse(strict.body)["message"], "lint violation found for rules: StageNameCasing");
  EXPECT_THAT(build("# check=skip=StageNameCasing;error=true\nFROM busybox AS Web\n").body, HasSubstr("Successfully built"));
  // Docker's clients see nothing of warnings.
  EXPECT_THAT(build("FROM busybox AS Web\n").body, Not(HasSubstr("lint")));
}

TEST_F(BuildApi, a_client_that_leaves_ends_its_build) {
  HttpClient other = connect();
  other.send_request("POST", "/build?networkmode=none", {{"Content-Type", "application/x-tar"}},
                     TarBuilder().file("Dockerfile", "FROM busybox\nRUN echo begun; sleep 1000\n").finish());
  ASSERT_EQ(other.read_head().status, 200);
  std::string text;
  while (text.find("begun\\n") == std::string::npos) text += other.read_chunk();
  EXPECT_EQ(get("/containers/json").size(), 1U);
  other.disconnect();
  EXPECT_TRUE(eventually([&] { return client().get("/containers/json?all=1").body == "[]\n"; }));
}

TEST_F(BuildApi, a_context_that_is_cut_off_between_two_files_is_none) {
  const std::string tar = TarBuilder().file("Dockerfile", "FROM scratch\nCOPY a /a\n").file("a", "x").finish();
  const std::string files = tar.substr(0, 4 * 512); // without the end of the archive
  std::ostringstream chunk;
  chunk << std::hex << files.size() << "\r\n" << files << "\r\n";
  for (const bool waits : {true, false}) {
    HttpClient other = connect();
    other.send("POST /build?t=cut HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-tar\r\nTransfer-Encoding: chunked\r\n\r\n");
    other.send(chunk.str());
    other.shutdown_write();
    if (waits) EXPECT_EQ(other.read_reply().status, 400);
  }
  EXPECT_EQ(client().get("/images/cut/json").status, 404);
}

TEST_F(BuildApi, nothing_of_a_build_stays_on_disk_but_its_layers) {
  build("FROM busybox\nCOPY a /a\nRUN false\n", "&forcerm=1");
  EXPECT_TRUE(std::filesystem::is_empty(daemon().data_root() + "/content/ingest"));
  EXPECT_EQ(client().get("/containers/json?all=1").body, "[]\n");
}

TEST_F(BuildApi, every_step_is_an_image_on_the_way_to_the_last_one) {
  build("FROM busybox\nENV a=b\nCOPY a /a\nLABEL c=d\n", "&t=steps:1");
  const Json base = get("/images/busybox/json"), last = get("/images/steps:1/json");
  const Json history = get("/images/steps:1/history");
  ASSERT_GE(history.size(), 4U);
  EXPECT_EQ(history[0]["Id"], last["Id"]);
  EXPECT_EQ(history[1]["Id"], last["Parent"]);
  EXPECT_EQ(history[3]["Id"], base["Id"]);
  const auto listed = [&](const std::string& query, const Json& id) {
    const Json all = get("/images/json" + query);
    return std::any_of(all.begin(), all.end(), [&](const Json& image) { return image["Id"] == id; });
  };
  for (const int step : {1, 2}) {
    EXPECT_FALSE(listed("", history[step]["Id"]));
    EXPECT_FALSE(listed("?filters=%7B%22dangling%22%3A%5B%22true%22%5D%7D&all=1", history[step]["Id"]));
    EXPECT_TRUE(listed("?all=1", history[step]["Id"]));
  }
  const auto refused = client().del("/images/" + history[1]["Id"].get<std::string>() + "?force=1");
  EXPECT_EQ(refused.status, 409);
  EXPECT_THAT(refused.body, HasSubstr("(cannot be forced) - image has dependent child images"));
  const Json deleted = Json::parse(client().del("/images/steps:1").body);
  EXPECT_TRUE(std::any_of(deleted.begin(), deleted.end(), [&](const Json& d) {
    return d.value("Deleted", "") == history[2]["Id"];
  })) << deleted;
  EXPECT_EQ(client().get("/images/busybox/json").status, 200);
}

TEST_F(BuildApi, what_a_failed_build_came_to_stays_as_an_image) {
  build("FROM busybox\nLABEL e=f\nRUN false\n", "&forcerm=1");
  const Json dangling = get("/images/json?filters=%7B%22dangling%22%3A%5B%22true%22%5D%7D");
  ASSERT_EQ(dangling.size(), 1U);
  EXPECT_EQ(dangling[0]["Labels"]["e"], "f");
  const Json pruned = Json::parse(client().request("POST", "/images/prune").body);
  EXPECT_EQ(pruned["ImagesDeleted"][0]["Deleted"], dangling[0]["Id"]);
}

TEST_F(BuildApi, builds_run_side_by_side) {
  HttpClient other = connect();
  other.send_request("POST", "/build?networkmode=none&t=slow", {{"Content-Type", "application/x-tar"}},
                     TarBuilder().file("Dockerfile", "FROM busybox\nRUN echo begun; sleep 1\n").finish());
  ASSERT_EQ(other.read_head().status, 200);
  EXPECT_THAT(build("FROM busybox\nRUN true\n", "&t=quick").body, HasSubstr("Successfully tagged quick:latest"));
  std::string text;
  for (std::string chunk = other.read_chunk(); !chunk.empty(); chunk = other.read_chunk()) text += chunk;
  EXPECT_THAT(text, HasSubstr("Successfully tagged slow:latest"));
}

} // namespace
} // namespace gantry::test
