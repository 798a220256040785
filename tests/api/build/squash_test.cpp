// One layer of all that a build adds.
#include <gmock/gmock.h>

#include "api/build/fixture.hpp"

namespace gantry::test {
namespace {

using ::testing::HasSubstr;

class BuildSquash : public BuildTest {
 protected:
  Json layers(const std::string& name) { return get("/images/" + name + "/json")["RootFS"]["Layers"]; }
};

TEST_F(BuildSquash, the_files_are_those_of_all_layers) {
  EXPECT_THAT(build("FROM busybox\nRUN mkdir /old /old/in /swap && echo 1 > /old/in/a && echo 1 > /gone && echo 1 > /swap/x && "
                    "ln -s /etc /was-link\n",
                    "&t=base"),
              HasSubstr("Successfully tagged"));
  const std::string dockerfile =
      "FROM base\nRUN rm -r /old /gone /swap /was-link && echo 2 > /swap && mkdir /tmp/passing\n"
      "RUN mkdir -p /old/in && echo 3 > /old/in/b && rm /swap && mkdir /swap && echo 4 > /swap/y && mkdir /was-link && echo 5 > "
      "/was-link/f && echo 6 > /one && ln /one /two && chown 5:6 /one && chmod 4711 /one && touch -d @1000000 /old\n"
      "RUN rmdir /tmp/passing\nENV A=b\n";
  EXPECT_THAT(build(dockerfile, "&t=plain"), HasSubstr("Successfully tagged"));
  EXPECT_THAT(build(dockerfile, "&t=merged&merge=1"), HasSubstr("Successfully tagged merged:latest"));
  EXPECT_EQ(layers("merged").size(), layers("base").size() + 1);
  const Json image = get("/images/merged/json");
  EXPECT_THAT(image["Config"]["Env"].dump(), HasSubstr("A=b"));
  // Sizes and numbers of links of directories are the file system's.
  const std::string look =
      "FROM IMAGE\nRUN cd / && own='-path ./proc -o -path ./sys -o -path ./dev -o -path ./etc -o -path ./bin -o -name "
      ".dockerenv' && (find . -xdev \\( $own \\) "
      "-prune -o "
      "-type d -print | sort | xargs stat -c '%n %a %u:%g %Y'; find . -xdev \\( $own \\) -prune -o ! -type d -print | sort | "
      "xargs stat "
      "-c '%n %a %u:%g %s %h %Y %N') | grep -v '^[.] '; cat /old/in/b /swap/y /was-link/f; test ! -e /old/in/a -a ! -e /gone -a "
      "! -e "
      "/swap/x\n";
  const auto files_of = [&](const std::string& name) {
    std::string text = look;
    text.replace(text.find("IMAGE"), 5, name);
    const std::string story = build(text, "&nocache=1");
    EXPECT_THAT(story, HasSubstr("Successfully built"));
    std::string out;
    std::istringstream lines(story.substr(story.find("Running in")));
    std::getline(lines, out);
    out.clear();
    for (std::string line; std::getline(lines, line) && line.find("Removed") == line.npos;)
      out += Json::parse(line).value("stream", "");
    return out;
  };
  EXPECT_EQ(files_of("plain"), files_of("merged"));
}

TEST_F(BuildSquash, the_history_says_what_was_merged) {
  EXPECT_THAT(build("FROM busybox\nRUN echo 1 > /a\nRUN echo 2 > /b\nCMD [\"x\"]\n", "&t=merged&merge=1"),
              HasSubstr("Successfully tagged"));
  const Json history = get("/images/merged/history"), base = get("/images/busybox/json");
  ASSERT_GE(history.size(), 4U);
  EXPECT_THAT(history[0]["Comment"].get<std::string>(),
              ::testing::MatchesRegex("merge sha256:[0-9a-f]{64} to " + base["Id"].get<std::string>()));
  EXPECT_GT(history[0]["Size"], 0);
  for (std::size_t i = 1; i < 4; ++i) EXPECT_EQ(history[i]["Size"], 0) << i;
  EXPECT_THAT(build("FROM scratch\nCOPY a /a\nCOPY a /b\n", "&t=alone&merge=1"), HasSubstr("Successfully tagged"));
  EXPECT_EQ(layers("alone").size(), 1U);
  EXPECT_THAT(get("/images/alone/history")[0]["Comment"].get<std::string>(), HasSubstr("create new from sha256:"));
  EXPECT_THAT(build("FROM busybox\nENV A=b\n", "&t=same&merge=1"), HasSubstr("Successfully tagged"));
  EXPECT_EQ(layers("same"), layers("busybox"));
}

TEST_F(BuildSquash, docker_clients_need_an_experimental_daemon) {
  const std::string dockerfile = "FROM busybox\nRUN echo 1 > /a\nRUN echo 2 > /b\n";
  EXPECT_THAT(build(dockerfile, "&squash=1"), HasSubstr("squash is only supported with experimental mode"));
  EXPECT_EQ(client().get("/_ping").header("docker-experimental"), "false");
  Daemon experimental({"--experimental"});
  experimental.start();
  import_busybox(experimental);
  HttpClient other(experimental.socket());
  EXPECT_EQ(other.get("/_ping").header("docker-experimental"), "true");
  const auto built = other.request("POST", "/v1.41/build?networkmode=none&t=merged&squash=1",
                                   {{"Content-Type", "application/x-tar"}}, TarBuilder().file("Dockerfile", dockerfile).finish());
  EXPECT_THAT(built.body, HasSubstr("Successfully tagged"));
  EXPECT_EQ(Json::parse(other.get("/images/merged/json").body)["RootFS"]["Layers"].size(), layers("busybox").size() + 1);
}

} // namespace
} // namespace gantry::test
