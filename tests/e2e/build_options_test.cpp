// What gantry's own build has beyond the classic one: named contexts, inline caches, squashed images, what steps may ask for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/daemon.hpp"
#include "support/need.hpp"
#include "support/rootfs.hpp"

namespace gantry::test {
namespace {

using testing::HasSubstr;
using testing::Not;

namespace fs = std::filesystem;

class BuildOptions : public testing::Test {
 protected:
  void SetUp() override {
    if (auto why = need_root() + need_busybox(); !why.empty()) GTEST_SKIP() << why;
    daemon.start();
    import_busybox(daemon);
  }
  std::string at(const std::string& name) const { return daemon.dir() + "/" + name; }
  void write(const std::string& name, const std::string& text) {
    fs::create_directories(fs::path(at(name)).parent_path());
    std::ofstream(at(name)) << text;
  }
  Output build(std::vector<std::string> args) {
    args.insert(args.begin(), {"build", "--network", "none"});
    args.push_back(at("context"));
    return daemon.gantry(std::move(args));
  }

  Daemon daemon;
};

TEST_F(BuildOptions, a_directory_has_a_name) {
  write("context/Dockerfile",
        "FROM busybox\nCOPY --from=src . /src/\nRUN --mount=from=src,target=/m cat /m/f && test ! -e /src/no -a -e "
        "/src/.dockerignore\n");
  write("other/f", "from elsewhere\n");
  write("other/no", "");
  write("other/.dockerignore", "no\n");
  const Output built = build({"--build-context", "src=" + at("other")});
  EXPECT_EQ(built.code, 0) << built.err;
  EXPECT_THAT(built.out, HasSubstr("from elsewhere\n"));
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"src", "invalid context value: src, expected key=value"},
      {"src=", "invalid context value: src=, expected key=value"},
      {"src=" + at("nowhere"), "failed to get build context src: path \"" + at("nowhere") + "\" not found"},
      {"src=" + at("other/f"), "other/f is not a directory"},
      {"src=oci-layout://" + at("other"), "index.json: No such file or directory"},
      {"src=docker-image://NO", "repository name (library/NO) must be lowercase"}};
  for (const auto& [text, error] : wrong) EXPECT_THAT(build({"--build-context", text}).err, HasSubstr(error));
}

TEST_F(BuildOptions, a_layout_and_an_image_have_names) {
  write("context/Dockerfile", "FROM busybox\nRUN echo made here > /f\n");
  ASSERT_EQ(build({"-t", "made:1"}).code, 0);
  ASSERT_EQ(daemon.gantry({"save", "-o", at("made.tar"), "made:1"}).code, 0);
  fs::create_directories(at("layout"));
  ASSERT_EQ(run({"tar", "-C", at("layout"), "-xf", at("made.tar")}).code, 0);
  fs::remove(at("layout/manifest.json"));
  write("context/Dockerfile", "FROM base\nRUN cat /f\n");
  for (const std::string address : {"docker-image://made:1", "oci-layout://LAYOUT:1", "oci-layout://LAYOUT"}) {
    std::string text = "base=" + address;
    if (const std::size_t place = text.find("LAYOUT"); place != text.npos) text.replace(place, 6, at("layout"));
    const Output built = build({"--no-cache", "--build-context", text});
    EXPECT_EQ(built.code, 0) << text << built.err;
    EXPECT_THAT(built.out, HasSubstr("made here\n"));
  }
  EXPECT_THAT(build({"--build-context", "base=oci-layout://" + at("layout") + ":2"}).err, HasSubstr("no image with the tag 2"));
}

TEST_F(BuildOptions, an_inline_cache_is_written_and_read) {
  write("context/Dockerfile", "FROM busybox\nENV A=1\nRUN echo 1 > /f\nCMD [\"true\"]\n");
  ASSERT_EQ(build({"-t", "cached:1", "--cache-to", "type=inline"}).code, 0);
  ASSERT_EQ(daemon.gantry({"builder", "prune", "-f"}).code, 0);
  const Output again = build({"--cache-from", "type=registry,ref=cached:1"});
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_THAT(again.out, Not(HasSubstr("Running in")));
  EXPECT_THAT(build({"--cache-to", "type=local,dest=x"}).err, HasSubstr("cache export \"type=local,dest=x\" is not supported"));
  EXPECT_THAT(build({"--cache-from", "type=gha"}).err, HasSubstr("cache import type \"gha\" is not supported"));
}

TEST_F(BuildOptions, new_layers_become_one) {
  write("context/Dockerfile", "FROM busybox\nRUN echo 1 > /a\nRUN rm /a; echo 2 > /b\n");
  EXPECT_EQ(build({"-t", "one", "--squash"}).code, 0);
  EXPECT_EQ(daemon.gantry({"inspect", "-f", "{{len .RootFS.Layers}}", "one"}).out, "2\n");
  EXPECT_EQ(daemon.gantry({"run", "--rm", "--network", "none", "one", "sh", "-c", "test ! -e /a && cat /b"}).out, "2\n");
}

TEST_F(BuildOptions, a_step_gets_what_is_allowed) {
  write("context/Dockerfile", "FROM busybox\nRUN --security=insecure mount -t tmpfs x /tmp && echo mounted\n");
  const Output refused = build({});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("security.insecure is not allowed: build with --allow security.insecure"));
  EXPECT_THAT(build({"--allow", "network.host,security.insecure"}).out, HasSubstr("mounted\n"));
  EXPECT_THAT(build({"--allow", "everything"}).err, HasSubstr("unknown entitlement everything"));
}

TEST_F(BuildOptions, a_client_may_want_buildkit_or_not) {
  const std::string old_client = fs::path(build_dir()).parent_path() / "docker-cli/usr/bin/docker";
  if (!fs::exists(old_client)) GTEST_SKIP() << "needs the docker CLI 20.10";
  write("context/Dockerfile", "FROM busybox\nRUN true\n");
  daemon.use_docker(old_client);
  CommandOptions options;
  options.env = {{"DOCKER_BUILDKIT", "1"}};
  const Output wanted = daemon.docker({"build", "--progress", "plain", "--network", "none", at("context")}, options);
  EXPECT_EQ(wanted.code, 0);
  EXPECT_THAT(wanted.err, HasSubstr("[internal] load build definition from Dockerfile"));
  options.env = {{"DOCKER_BUILDKIT", "0"}};
  EXPECT_EQ(daemon.docker({"build", "--network", "none", at("context")}, options).code, 0);
}

} // namespace
} // namespace gantry::test
