// Contexts with a name: what a client sends, or names, for FROM, COPY --from and mounts.
#include <gmock/gmock.h>

#include <filesystem>

#include "api/build/fixture.hpp"
#include "support/command.hpp"
#include "support/http_server.hpp"

namespace gantry::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

class BuildContexts : public BuildTest {
 protected:
  std::string open_session(HttpClient& stream) {
    EXPECT_EQ(upgrade(stream, "/v1.41/build/session", "{}").status, 101);
    std::string line;
    while (!line.ends_with('\n')) line += stream.read_bytes(1);
    return Json::parse(line).value("Id", line);
  }
  HttpReply send(const std::string& session, const std::string& name, const std::string& tar, const std::string& more = "") {
    return client().request("POST", "/v1.41/build/session/context?id=" + session + "&name=" + name + more,
                            {{"Content-Type", "application/x-tar"}}, tar);
  }
  /// "&buildcontexts=…" of name and address.
  static std::string naming(const std::string& name, const std::string& address) {
    return "&buildcontexts=%7B%22" + name + "%22:%22" + address + "%22%7D";
  }
  std::string lend(HttpClient& stream, const std::string& name, const std::string& tar) {
    const std::string session = open_session(stream);
    EXPECT_EQ(send(session, name, tar).status, 204);
    return "&gantrysession=" + session + naming(name, "session");
  }
};

TEST_F(BuildContexts, files_that_are_sent_are_copied_mounted_and_built_on) {
  const std::string tar = TarBuilder(Compression::gzip).file("f", "sent").file("d/g", "deep").finish();
  HttpClient stream = connect();
  const std::string story = build(
      "FROM src AS files\n"
      "FROM busybox\n"
      "COPY --from=src f d /c/\n"
      "COPY --from=SRC d /d\n"
      "COPY --from=files /d/g /from-stage\n"
      "RUN test $(cat /c/f) = sent -a $(cat /d/g) = deep -a $(cat /from-stage) = deep\n"
      "RUN --mount=from=src,target=/m test $(cat /m/f) = sent && ! touch /m/x\n"
      "RUN --mount=from=src,target=/m,rw touch /m/x\n"
      "RUN --mount=from=src,source=d/g,target=/g test $(cat /g) = deep\n"
      "RUN --mount=type=cache,from=src,source=d,target=/k test $(cat /k/g) = deep\n",
      "&t=named" + lend(stream, "src", tar));
  EXPECT_THAT(story, HasSubstr("Successfully tagged named:latest"));
  EXPECT_EQ(get("/images/named/json")["RootFS"]["Layers"].size(), 4U);
  EXPECT_TRUE(fs::is_empty(daemon().data_root() + "/content/ingest"));
}

TEST_F(BuildContexts, a_context_is_in_the_cache_by_its_content) {
  const std::string dockerfile = "FROM busybox\nCOPY --from=src f /\nRUN --mount=from=src,target=/m cat /m/f\n";
  HttpClient first = connect(), second = connect(), third = connect();
  EXPECT_THAT(build(dockerfile, lend(first, "src", TarBuilder().file("f", "one").finish())), Not(HasSubstr("Using cache")));
  EXPECT_THAT(build(dockerfile, lend(second, "src", TarBuilder().file("f", "one").finish())), Not(HasSubstr("Running in")));
  EXPECT_THAT(build(dockerfile, lend(third, "src", TarBuilder().file("f", "two").finish())), Not(HasSubstr("Using cache")));
}

TEST_F(BuildContexts, an_image_takes_the_place_of_a_base_and_of_a_stage) {
  EXPECT_THAT(build("FROM busybox\nRUN echo other > /which\n", "&t=other"), HasSubstr("Successfully tagged"));
  const std::string image = "docker-image://other";
  EXPECT_THAT(build("FROM golang\nRUN cat /which\n", naming("docker.io/library/golang:latest", image)), HasSubstr("other\\n"));
  const std::string replaced = build(
      "FROM busybox AS made\nRUN echo not-this && false\nFROM busybox\nCOPY --from=made /which /\n"
      "RUN cat /which\n",
      naming("Made", image));
  EXPECT_THAT(replaced, HasSubstr("other\\n"));
  EXPECT_THAT(replaced, Not(HasSubstr("not-this")));
  EXPECT_THAT(
      build("FROM busybox AS made\nRUN false\n", "&t=target&target=made&labels=%7B%22a%22:%22b%22%7D" + naming("made", image)),
      HasSubstr("Successfully tagged"));
  EXPECT_EQ(get("/images/target/json")["Config"]["Labels"]["a"], "b");
}

TEST_F(BuildContexts, a_url_is_fetched_when_it_is_needed) {
  const std::map<std::string, std::string> files = {{"/c.tar.gz", TarBuilder(Compression::gzip).file("f", "fetched").finish()},
                                                    {"/lone.txt", "alone"}};
  HttpServer server([&](const ServedRequest& request, const Peer& peer) {
    const auto file = files.find(request.target);
    file == files.end() ? peer.reply(404, {}, "no") : peer.reply(200, {}, file->second);
  });
  const auto url = [&](const std::string& path) { return "http://" + server.host() + path; };
  EXPECT_THAT(build("FROM busybox\nCOPY --from=src f /\nRUN cat /f\n", naming("src", url("/c.tar.gz"))), HasSubstr("fetched"));
  EXPECT_THAT(build("FROM busybox\nCOPY --from=src lone.txt /\nRUN cat /lone.txt\n", naming("src", url("/lone.txt"))),
              HasSubstr("alone"));
  EXPECT_THAT(build("FROM busybox\nCOPY --from=src f /\n", naming("src", url("/nope"))),
              HasSubstr("failed to load build context src: failed to GET"));
  EXPECT_THAT(build("FROM busybox\nRUN true\n", naming("src", url("/nope"))), HasSubstr("Successfully built"));
}

TEST_F(BuildContexts, an_oci_layout_is_an_image_without_a_name) {
  HttpClient stream = connect();
  const std::string session = open_session(stream);
  ASSERT_EQ(send(session, "base", platforms_layout({"linux/amd64"}, "docker.io/library/stolen:1"), "&kind=oci-layout").status,
            204);
  EXPECT_THAT(
      build("FROM base\nLABEL x=y\n", "&t=onlayout&platform=linux/amd64&gantrysession=" + session + naming("base", "session")),
      HasSubstr("Successfully tagged"));
  EXPECT_EQ(client().get("/images/stolen:1/json").status, 404);
  HttpClient other = connect();
  EXPECT_THAT(send(open_session(other), "base", TarBuilder().file("x", "x").finish(), "&kind=oci-layout").body,
              HasSubstr("invalid archive"));
}

TEST_F(BuildContexts, an_oci_layout_goes_with_its_session) {
  const auto before = get("/images/json?all=1").size();
  {
    HttpClient stream = connect();
    const std::string layout = platforms_layout({"linux/amd64"}, "docker.io/library/other:1");
    ASSERT_EQ(send(open_session(stream), "base", layout, "&kind=oci-layout").status, 204);
    EXPECT_EQ(get("/images/json?all=1").size(), before + 1);
  }
  EXPECT_TRUE(eventually([&] { return get("/images/json?all=1").size() == before; }));
}

TEST_F(BuildContexts, nonsense_is_refused) {
  EXPECT_EQ(send("nope", "src", "").status, 404);
  HttpClient stream = connect();
  const std::string session = open_session(stream);
  EXPECT_THAT(send(session, "src", "no tar at all, but longer than nothing").body, HasSubstr("Error processing tar file"));
  EXPECT_THAT(send(session, "", "").body, HasSubstr("expected the name of a context"));
  EXPECT_THAT(send(session, "x", "", "&kind=zip").body, HasSubstr("expected \\\"files\\\" or \\\"oci-layout\\\""));
  EXPECT_THAT(build("FROM busybox\n", naming("src", "session")), HasSubstr("\\\"src\\\" was not sent"));
  EXPECT_THAT(build("FROM busybox\n", naming("src", "file:///etc")),
              HasSubstr("unsupported context source \\\"file:///etc\\\" for src"));
  EXPECT_THAT(build("FROM busybox\n", naming("src", "docker-image://NO")),
              HasSubstr("repository name (library/NO) must be lowercase"));
  EXPECT_THAT(build("FROM busybox\n", "&buildcontexts=%5B%5D"), HasSubstr("expected an object"));
  const std::string out = TarBuilder().file("../../escaped", "x").finish();
  EXPECT_THAT(send(session, "src", out).body, HasSubstr("outside of the destination"));
}

TEST_F(BuildContexts, what_was_sent_goes_with_its_client) {
  HttpClient stream = connect();
  const std::string session = open_session(stream);
  EXPECT_EQ(send(session, "src", TarBuilder().file("f", "x").finish()).status, 204);
  EXPECT_FALSE(fs::is_empty(daemon().data_root() + "/content/ingest"));
  stream.disconnect();
  EXPECT_TRUE(eventually([&] { return fs::is_empty(daemon().data_root() + "/content/ingest"); }));
}

} // namespace
} // namespace gantry::test
