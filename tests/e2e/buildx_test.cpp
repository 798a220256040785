// Clients of BuildKit's API: buildx of two ages (build/docker-buildx), and docker's CLI 20.10 with DOCKER_BUILDKIT=1.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "support/daemon.hpp"
#include "support/need.hpp"
#include "support/rootfs.hpp"

namespace gantry::test {
namespace {

using testing::HasSubstr;
using testing::Not;

namespace fs = std::filesystem;

std::string buildx_of(const std::string& version) {
  return fs::weakly_canonical(build_dir() + "/../docker-buildx/" + version + "/usr/libexec/docker/cli-plugins/docker-buildx");
}

class BuildxTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (auto why = need_root() + need_busybox(); !why.empty()) GTEST_SKIP() << why;
    if (!fs::exists(buildx_of(GetParam())))
      GTEST_SKIP() << "needs buildx " << GetParam() << ", which scripts/docker-buildx.sh could not fetch";
    daemon.start();
    import_busybox(daemon);
  }
  std::string at(const std::string& name) const { return daemon.dir() + "/" + name; }
  void write(const std::string& name, const std::string& text) {
    fs::create_directories(fs::path(at(name)).parent_path());
    std::ofstream(at(name)) << text;
  }
  CommandOptions client(CommandOptions options = {}) const {
    options = daemon.client(std::move(options));
    options.env["DOCKER_CONFIG"] = at("config");
    options.deadline = std::chrono::seconds(120);
    return options;
  }
  std::vector<std::string> argv(std::vector<std::string> args) const {
    const std::vector<std::string> begin = {buildx_of(GetParam()), "build", "--progress", "plain"};
    args.insert(args.begin(), begin.begin(), begin.end());
    return args;
  }
  Output build(std::vector<std::string> args, CommandOptions options = {}) const {
    options = client(std::move(options));
    return run(argv(std::move(args)), options);
  }
  std::string read(const std::string& name) const {
    std::ifstream in(at(name));
    return {std::istreambuf_iterator<char>(in), {}};
  }

  Daemon daemon;
};

INSTANTIATE_TEST_SUITE_P(Versions, BuildxTest, testing::Values("0.13.1", "0.29.1"), [](const auto& version) {
  std::string name = version.param;
  for (char& c : name)
    if (c == '.') c = '_';
  return "v" + name;
});

TEST_P(BuildxTest, builds_from_a_directory_and_tells_of_it) {
  write("context/Dockerfile",
        "FROM busybox AS one\nRUN echo one > /one\nFROM busybox\nCOPY --from=one /one /\nCOPY . /c/\n"
        "RUN --mount=type=secret,id=s,required cat /one /c/a /run/secrets/s; ls -A /c\n");
  write("context/a", "a file\n");
  write("context/left/out", "");
  write("context/.dockerignore", "left\nDockerfile\n");
  write("secret", "a secret\n");
  const Output built = build({"-t", "x:1", "-t", "y", "--secret", "id=s,src=" + at("secret"), "--iidfile", at("id"),
                              "--metadata-file", at("metadata"), at("context")});
  ASSERT_EQ(built.code, 0) << built.err;
  for (const char* line :
       {"[internal] load build definition from Dockerfile\n", "[internal] load metadata for docker.io/library/busybox:latest\n",
        "[internal] load .dockerignore\n", "[internal] load build context\n", "[one 2/2] RUN echo one > /one\n",
        "[stage-1 2/4] COPY --from=one /one /\n", " a file\n", " a secret\n", " exporting layers",
        "naming to docker.io/library/x:1"})
    EXPECT_THAT(built.err, HasSubstr(line));
  EXPECT_THAT(built.err, HasSubstr(" .dockerignore\n"));
  EXPECT_THAT(built.err, Not(HasSubstr(" left\n")));
  EXPECT_THAT(built.err, Not(HasSubstr(".gantry-")));
  const std::string id = read("id");
  EXPECT_EQ(daemon.gantry({"inspect", "-f", "{{.Id}}", "y"}).out, id + "\n");
  EXPECT_THAT(read("metadata"), HasSubstr("\"containerimage.digest\": \"" + id + "\""));
  const Output again = build({"-q", "--secret", "id=s,src=" + at("secret"), at("context")});
  EXPECT_EQ(again.code, 1) << "plain and quiet";
  const Output cached = build({"--secret", "id=s,src=" + at("secret"), at("context")});
  EXPECT_THAT(cached.err, HasSubstr("CACHED"));
  EXPECT_THAT(cached.err, HasSubstr("writing image " + id));
}

TEST_P(BuildxTest, tells_why_a_build_fails) {
  write("context/Dockerfile", "FROM busybox\nRUN echo before && exit 3\n");
  Output failed = build({at("context")});
  EXPECT_EQ(failed.code, 1);
  EXPECT_THAT(
      failed.err,
      HasSubstr("failed to solve: process \"/bin/sh -c echo before && exit 3\" did not complete successfully: exit code: 3"));
  EXPECT_THAT(failed.err, HasSubstr("   2 | >>> RUN echo before && exit 3\n"));
  write("context/Dockerfile", "FROM busybox\nCOPY nothere /x\n");
  EXPECT_THAT(build({at("context")}).err, HasSubstr("\"/nothere\": not found"));
  write("context/Dockerfile", "FROM busybox\nFOO bar\n");
  failed = build({at("context")});
  EXPECT_THAT(failed.err, HasSubstr("dockerfile parse error on line 2: unknown instruction: FOO"));
  EXPECT_THAT(failed.err, HasSubstr("   2 | >>> FOO bar\n"));
  EXPECT_THAT(build({"-f", at("context/none"), at("context")}).err,
              HasSubstr("failed to read dockerfile: open none: no such file or directory"));
  write("context/Dockerfile", "FROM busybox\nRUN --mount=type=secret,id=s,required true\n");
  EXPECT_THAT(build({at("context")}).err, HasSubstr("failed to solve: secret s: not found"));
}

TEST_P(BuildxTest, ends_in_the_engine_with_its_client) {
  write("context/Dockerfile", "FROM busybox\nRUN echo begun; sleep 1000\n");
  Command client_process(argv({at("context")}), client());
  ASSERT_TRUE(eventually([&] { return !daemon.gantry({"ps", "-q"}).out.empty(); }));
  client_process.signal(SIGINT);
  const Output ended = client_process.finish();
  EXPECT_NE(ended.code, 0);
  EXPECT_THAT(ended.err, HasSubstr("context canceled"));
  EXPECT_TRUE(eventually([&] { return daemon.gantry({"ps", "-aq"}).out.empty(); }));
}

TEST_P(BuildxTest, writes_files_to_the_client) {
  write("context/Dockerfile", "FROM scratch\nCOPY d /d\n");
  write("context/d/f", "content\n");
  fs::create_symlink("/etc/passwd", at("context/d/link"));
  fs::create_hard_link(at("context/d/f"), at("context/d/same"));
  const Output local = build({"-o", at("out"), at("context")});
  ASSERT_EQ(local.code, 0) << local.err;
  EXPECT_EQ(read("out/d/f"), "content\n");
  EXPECT_EQ(fs::read_symlink(at("out/d/link")), "/etc/passwd");
  EXPECT_EQ(fs::hard_link_count(at("out/d/same")), 2u);
  EXPECT_FALSE(fs::exists(at("out/.dockerenv")));
  const Output tar = build({"-o", "type=tar,dest=" + at("out.tar"), at("context")});
  ASSERT_EQ(tar.code, 0) << tar.err;
  EXPECT_THAT(run({"tar", "tf", at("out.tar")}).out, HasSubstr("d/f\n"));
  EXPECT_THAT(daemon.gantry({"images", "-q", "--filter", "dangling=true"}).out, "") << "no image stays";
}

TEST_P(BuildxTest, writes_hard_links_to_symlinks) {
  write("context/Dockerfile",
        "FROM busybox\nRUN mkdir /d && cd /d && echo x > f && ln -s f link && ln link again && readlink again\n");
  auto options = client();
  options.deadline = std::chrono::seconds(40);
  const Output built = run(argv({"-o", at("out"), at("context")}), options);
  ASSERT_EQ(built.code, 0) << built.err;
  EXPECT_EQ(fs::read_symlink(at("out/d/link")), "f");
  EXPECT_EQ(fs::read_symlink(at("out/d/again")), "f");
}

TEST_P(BuildxTest, takes_contexts_from_elsewhere) {
  write("context/Dockerfile", "FROM busybox\nCOPY --from=src f /\nRUN cat /f\n");
  write("src/f", "from a named context\n");
  const Output named = build({"--build-context", "src=" + at("src"), at("context")});
  EXPECT_EQ(named.code, 0) << named.err;
  EXPECT_THAT(named.err, HasSubstr(" from a named context\n"));
  CommandOptions input;
  input.input = "FROM busybox\nRUN echo of standard input\n";
  EXPECT_THAT(build({"-"}, input).err, HasSubstr(" of standard input\n"));
  write("context/Dockerfile", "FROM busybox\nCOPY x /\nRUN cat /x\n");
  write("context/x", "in a tar\n");
  input.input = run({"tar", "-C", at("context"), "-c", "."}).out;
  const Output tar = build({"-"}, input);
  EXPECT_EQ(tar.code, 0) << tar.err;
  EXPECT_THAT(tar.err, HasSubstr(" in a tar\n"));
}

TEST_P(BuildxTest, builds_side_by_side) {
  write("context/Dockerfile", "FROM busybox\nARG N\nCOPY many /many\nRUN test $(find /many -type f | wc -l) = 300 && echo $N\n");
  for (int i = 0; i < 300; ++i) write("context/many/d" + std::to_string(i % 7) + "/f" + std::to_string(i), std::to_string(i));
  // One first: runc processes that make the cpuset cgroup above their own at the same time get in each other's way (cgroup v1).
  ASSERT_EQ(build({"--build-arg", "N=first", at("context")}).code, 0);
  std::vector<Output> outputs(4);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      outputs[static_cast<std::size_t>(i)] =
          build({"--build-arg", "N=" + std::to_string(i), "-t", "n" + std::to_string(i), at("context")});
    });
  for (auto& thread : threads) thread.join();
  for (const Output& built : outputs) EXPECT_EQ(built.code, 0) << built.err;
}

TEST_P(BuildxTest, shows_and_prunes_the_cache) {
  write("context/Dockerfile", "FROM busybox\nRUN echo x > /x\n");
  ASSERT_EQ(build({at("context")}).code, 0);
  const CommandOptions options = client();
  const Output usage = run({buildx_of(GetParam()), "du"}, options);
  EXPECT_EQ(usage.code, 0) << usage.err;
  EXPECT_THAT(usage.out, HasSubstr("Reclaimable:"));
  EXPECT_EQ(run({buildx_of(GetParam()), "prune", "-af"}, options).code, 0);
  EXPECT_THAT(build({at("context")}).err, testing::ContainsRegex("\\[2/2\\] RUN echo x > /x\n#[0-9]+ DONE"));
}

TEST(Buildx, tells_what_is_likely_a_mistake) {
  if (auto why = need_root(); !why.empty()) GTEST_SKIP() << why;
  if (!fs::exists(buildx_of("0.29.1"))) GTEST_SKIP() << "needs buildx 0.29.1, which scripts/docker-buildx.sh could not fetch";
  Daemon daemon;
  daemon.start();
  fs::create_directories(daemon.dir() + "/context");
  std::ofstream(daemon.dir() + "/context/Dockerfile") << "FROM scratch\nMAINTAINER me\nCOPY a /\n";
  CommandOptions options = daemon.client();
  options.env["DOCKER_CONFIG"] = daemon.dir() + "/config";
  const Output checked = run({buildx_of("0.29.1"), "build", "--check", daemon.dir() + "/context"}, options);
  EXPECT_EQ(checked.code, 1);
  EXPECT_THAT(checked.out, HasSubstr("Check complete, 1 warning has been found!"));
  EXPECT_THAT(checked.out, HasSubstr("WARNING: MaintainerDeprecated"));
  const Output targets = run({buildx_of("0.29.1"), "build", "--call", "targets", daemon.dir() + "/context"}, options);
  EXPECT_EQ(targets.code, 0) << targets.err;
  EXPECT_THAT(targets.out, HasSubstr("(default)"));
}

TEST(OldDockerCli, builds_with_buildkit) {
  const std::string cli = build_dir() + "/../docker-cli/usr/bin/docker";
  if (auto why = need_root() + need_busybox(); !why.empty()) GTEST_SKIP() << why;
  if (!fs::exists(cli)) GTEST_SKIP() << "needs the docker CLI 20.10";
  Daemon daemon;
  daemon.start();
  import_busybox(daemon);
  daemon.use_docker(cli);
  fs::create_directories(daemon.dir() + "/context");
  std::ofstream(daemon.dir() + "/context/Dockerfile")
      << "FROM busybox\nCOPY Dockerfile /\nRUN --mount=type=secret,id=s cat /run/secrets/s\n";
  std::ofstream(daemon.dir() + "/secret") << "a secret\n";
  CommandOptions options;
  options.env = {{"DOCKER_BUILDKIT", "1"}, {"DOCKER_CONFIG", daemon.dir() + "/config"}};
  const Output built =
      daemon.docker({"build", "--progress", "plain", "-t", "x", "--secret", "id=s,src=" + daemon.dir() + "/secret", "--iidfile",
                     daemon.dir() + "/id", daemon.dir() + "/context"},
                    options);
  EXPECT_EQ(built.code, 0) << built.err;
  EXPECT_THAT(built.err, HasSubstr(" a secret\n"));
  const Output quiet =
      daemon.docker({"build", "-q", "--secret", "id=s,src=" + daemon.dir() + "/secret", daemon.dir() + "/context"}, options);
  EXPECT_EQ(daemon.gantry({"inspect", "-f", "{{.Id}}", "x"}).out, quiet.out);
  options.input = run({"tar", "-C", daemon.dir() + "/context", "-c", "."}).out;
  EXPECT_EQ(daemon.docker({"build", "--progress", "plain", "-"}, options).code, 0);
  options.input = "FROM busybox\nRUN exit 4\n";
  const Output failed = daemon.docker({"build", "--progress", "plain", "-"}, options);
  EXPECT_EQ(failed.code, 1);
  EXPECT_THAT(failed.err, HasSubstr("did not complete successfully: exit code: 4"));
}

} // namespace
} // namespace gantry::test
