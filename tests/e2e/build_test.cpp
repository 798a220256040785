// Building as a user does it: gantry and the docker CLI.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
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

class Build : public testing::Test {
 protected:
  void SetUp() override {
    if (auto why = need_root() + need_busybox(); !why.empty()) GTEST_SKIP() << why;
    daemon.start();
    import_busybox(daemon);
    write("Dockerfile", "FROM busybox\nCOPY . /c/\nRUN cat /c/a\n");
    write("a", "hello");
  }
  std::string context() const { return daemon.dir() + "/context"; }
  void write(const std::string& name, const std::string& text) {
    fs::create_directories((context() + "/" + name).substr(0, (context() + "/" + name).rfind('/')));
    std::ofstream(context() + "/" + name) << text;
  }
  Output build(std::vector<std::string> args, CommandOptions options = {}) {
    args.insert(args.begin(), {"build", "--network", "none"});
    return daemon.gantry(std::move(args), std::move(options));
  }
  std::string run_in(const std::string& image, const std::string& script) {
    const Output o = daemon.gantry({"run", "--rm", "--network", "none", image, "sh", "-c", script});
    EXPECT_EQ(o.code, 0) << o.err;
    return o.out;
  }

  Daemon daemon;
};

TEST_F(Build, a_directory_becomes_an_image) {
  const Output built = build({"-t", "one", "-t", "two:2", context()});
  EXPECT_EQ(built.code, 0) << built.err;
  EXPECT_THAT(built.out, HasSubstr("Step 3/3 : RUN cat /c/a\n"));
  EXPECT_THAT(built.out, HasSubstr("\nhello"));
  EXPECT_THAT(built.out, HasSubstr("Successfully tagged two:2\n"));
  EXPECT_EQ(run_in("two:2", "cat /c/a"), "hello");
}

TEST_F(Build, the_docker_cli_brings_a_dockerfile_from_elsewhere) {
  CommandOptions options;
  options.input = "FROM busybox\nCOPY a /from-stdin\n";
  options.env = {{"DOCKER_BUILDKIT", "0"}};
  const Output typed = daemon.docker({"build", "-t", "typed", "-f", "-", context()}, options);
  EXPECT_EQ(typed.code, 0) << typed.err << typed.out;
  EXPECT_EQ(run_in("typed", "cat /from-stdin"), "hello");
  std::ofstream(daemon.dir() + "/Elsewhere") << "FROM busybox\nCOPY a /from-elsewhere\n";
  CommandOptions classic;
  classic.env = options.env;
  const Output outside = daemon.docker({"build", "-t", "outside", "-f", daemon.dir() + "/Elsewhere", context()}, classic);
  EXPECT_EQ(outside.code, 0) << outside.err << outside.out;
  EXPECT_EQ(run_in("outside", "cat /from-elsewhere"), "hello");
}

TEST_F(Build, the_ignore_file_keeps_files_at_home) {
  write(".dockerignore", "*\n!d/keep\n");
  write("Dockerfile", "FROM busybox\nCOPY . /c/\n");
  write("d/keep", "k");
  write("d/no", "n");
  EXPECT_EQ(build({"-t", "x", context()}).code, 0);
  EXPECT_EQ(run_in("x", "cd /c; find . -type f"), "./d/keep\n");
}

TEST_F(Build, a_dockerfile_may_have_an_ignore_file_of_its_own) {
  write("Dockerfile", "FROM busybox\nCOPY . /c/\n");
  write("Dockerfile.dockerignore", "b");
  write(".dockerignore", "a");
  write("b", "");
  EXPECT_EQ(build({"-t", "x", context()}).code, 0);
  EXPECT_EQ(run_in("x", "ls /c | tr '\\n' ' '"), "Dockerfile Dockerfile.dockerignore a ");
}

TEST_F(Build, long_names_links_and_large_files_arrive) {
  const std::string name = std::string(90, 'd') + "/" + std::string(120, 'f');
  write(name, "long");
  write("large", std::string(3 << 20, 'x'));
  fs::create_symlink("a", context() + "/link");
  fs::permissions(context() + "/a", fs::perms(0755));
  EXPECT_EQ(build({"-t", "x", context()}).code, 0);
  EXPECT_EQ(run_in("x", "cat /c/" + name + "; stat -c ' %s' /c/large; readlink /c/link; stat -c %a:%u /c/a"),
            "long 3145728\na\n755:0\n");
}

TEST_F(Build, a_dockerfile_may_lie_elsewhere_or_come_from_stdin) {
  std::ofstream(daemon.dir() + "/Other") << "FROM busybox\nCOPY . /c/\nLABEL from=other\n";
  EXPECT_EQ(build({"-t", "x", "-f", daemon.dir() + "/Other", context()}).code, 0);
  EXPECT_EQ(daemon.gantry({"inspect", "-f", "{{.Config.Labels.from}}", "x"}).out, "other\n");
  EXPECT_EQ(run_in("x", "ls -A /c | tr '\\n' ' '"), "Dockerfile a ");
  CommandOptions input;
  input.input = "FROM busybox\nCOPY a /b\n";
  EXPECT_EQ(build({"-t", "y", "-f", "-", context()}, input).code, 0);
  EXPECT_EQ(run_in("y", "cat /b"), "hello");
  input.input = "FROM busybox\nRUN echo no context\n";
  EXPECT_THAT(build({"-"}, input).out, HasSubstr("no context\n"));
}

TEST_F(Build, stdin_may_be_the_context) {
  const Output packed = run({"tar", "-C", context(), "-cz", "."});
  CommandOptions input;
  input.input = packed.out;
  EXPECT_THAT(build({"-"}, input).out, HasSubstr("\nhello"));
}

TEST_F(Build, flags_reach_the_build) {
  write("Dockerfile", "FROM busybox AS a\nARG V\nARG W\nRUN echo -$V-$W-\nFROM a\nRUN false\n");
  CommandOptions options;
  options.env = {{"W", "env"}};
  const std::string file = daemon.dir() + "/iid";
  const Output built =
      build({"--target", "a", "--build-arg", "V=1", "--build-arg", "W", "--label", "l=m", "--iidfile", file, context()}, options);
  EXPECT_THAT(built.out, HasSubstr("-1-env-\n"));
  std::string id;
  std::ifstream(file) >> id;
  EXPECT_EQ(daemon.gantry({"inspect", "-f", "{{.Id}} {{.Config.Labels.l}}", id}).out, id + " m\n");
  EXPECT_EQ(build({"-q", "--target", "a", "--build-arg", "V=1", "--build-arg", "W", "--label", "l=m", context()}, options).out,
            id + "\n");
}

TEST_F(Build, what_fails_says_so_with_its_code) {
  write("Dockerfile", "FROM busybox\nRUN exit 7\n");
  const Output failed = build({"--force-rm", context()});
  EXPECT_EQ(failed.code, 7);
  EXPECT_EQ(failed.err, "Dockerfile:2: The command '/bin/sh -c exit 7' returned a non-zero code: 7\n   2 | RUN exit 7\n");
  write("Dockerfile", "FROM busybox\nFROMM x\n");
  const Output broken = build({context()});
  EXPECT_EQ(broken.code, 1);
  EXPECT_EQ(broken.err,
            "Error response from daemon: Dockerfile:2:1: unknown instruction: FROMM (did you mean FROM?)\n   2 | FROMM x\n     | "
            "^~~~~\n");
  EXPECT_EQ(build({daemon.dir() + "/nope"}).err, "unable to prepare context: path \"" + daemon.dir() + "/nope\" not found\n");
}

TEST_F(Build, steps_are_shown_as_a_numbered_log) {
  const Output built = build({"--progress", "plain", "-t", "x", context()});
  EXPECT_EQ(built.code, 0) << built.err;
  EXPECT_EQ(built.out, "");
  EXPECT_THAT(built.err, HasSubstr("#1 [internal] load build context\n"));
  EXPECT_THAT(built.err, HasSubstr("#4 [3/3] RUN cat /c/a\n"));
  EXPECT_THAT(built.err, testing::ContainsRegex("#4 [0-9.]+ hello\n#4 DONE [0-9.]+s\n"));
  EXPECT_THAT(built.err, HasSubstr("Successfully tagged x:latest\n"));
  EXPECT_THAT(build({"--progress", "plain", "-t", "x", context()}).err, HasSubstr("#4 CACHED\n"));
  const Output raw = build({"--progress", "rawjson", context()});
  EXPECT_THAT(raw.err, HasSubstr("\"state\":\"cached\""));
  EXPECT_EQ(build({"--progress", "quiet", context()}).out.substr(0, 7), "sha256:");
}

TEST_F(Build, a_terminal_shows_all_steps_at_once) {
  write("Dockerfile",
        "FROM busybox AS one\nRUN sleep 1; echo 1 > /1\nFROM busybox\nRUN echo busy; sleep 1\nCOPY --from=one /1 /\n");
  CommandOptions options = daemon.client();
  options.env["TERM"] = "xterm";
  const auto in_terminal = [&](const std::string& before, std::vector<std::string> args) {
    args.insert(args.begin(), {"build", "--network", "none"});
    std::string line = before;
    for (const auto& word : daemon.gantry_argv(std::move(args))) line += " " + word;
    return run({"script", "-qec", line, "/dev/null"}, options);
  };
  const Output built = in_terminal("stty rows 20 cols 60; exec", {"-t", "x", context()});
  EXPECT_EQ(built.code, 0) << built.out;
  EXPECT_THAT(built.out, HasSubstr("[+] Building ("));
  EXPECT_THAT(built.out, HasSubstr(" => => busy"));
  // Both were drawn while they ran: before the first of them was done.
  const auto done = built.out.find("\x1b[34m => [one 2/2] RUN");
  EXPECT_LT(built.out.find(" => [one 2/2] RUN"), done);
  EXPECT_LT(built.out.find(" => [stage-1 2/3] RUN"), done);
  EXPECT_THAT(built.out, HasSubstr("Successfully tagged x:latest\r\n"));
  options.env["NO_COLOR"] = "1";
  EXPECT_THAT(in_terminal("exec", {"-t", "x", context()}).out, Not(HasSubstr("\x1b[34m")));
  write("Dockerfile", "FROM busybox\nRUN echo why; exit 5\n");
  const Output failed = in_terminal("exec", {"--force-rm", context()});
  EXPECT_EQ(failed.code, 5);
  EXPECT_THAT(failed.out, HasSubstr(" > [2/2] RUN echo why; exit 5:\r\nwhy\r\n"));
}

TEST_F(Build, an_interrupt_ends_it_with_130) {
  write("Dockerfile", "FROM busybox\nRUN echo begun; sleep 1000\n");
  for (const char* mode : {"auto", "rawjson"}) {
    Command command(daemon.gantry_argv({"build", "--network", "none", "--progress", mode, context()}), daemon.client());
    ASSERT_TRUE(eventually([&] { return !daemon.gantry({"ps", "-q"}).out.empty(); }));
    command.signal(SIGINT);
    EXPECT_EQ(command.finish().code, 130) << mode;
    EXPECT_TRUE(eventually([&] { return daemon.gantry({"ps", "-aq"}).out.empty(); })) << mode;
  }
}

TEST_F(Build, a_check_prints_what_is_likely_a_mistake) {
  EXPECT_EQ(build({"--check", context()}).out, "Check complete, no warnings found.\n");
  write("Dockerfile", "FROM busybox AS Web\nRUN false\n");
  const Output checked = build({"--check", context()});
  EXPECT_EQ(checked.code, 1);
  EXPECT_EQ(
      checked.out,
      "Check complete, 1 warning has been found!\n\n"
      "WARNING: StageNameCasing - https://docs.docker.com/go/dockerfile/rule/stage-name-casing/\n"
      "Stage name 'Web' should be lowercase\nDockerfile:1\n--------------------\n   1 | >>> FROM busybox AS Web\n   2 |     RUN "
      "false\n--------------------\n");
  write("Dockerfile", "FROM busybox AS Web\n");
  EXPECT_THAT(build({context()}).err, HasSubstr(" - StageNameCasing: Stage name 'Web' should be lowercase (line 1)\n"));
  write("Dockerfile", "# check=error=true\nFROM busybox AS Web\n");
  const Output strict = build({context()});
  EXPECT_EQ(strict.code, 1);
  EXPECT_THAT(strict.err, HasSubstr("lint violation found for rules: StageNameCasing"));
}

TEST_F(Build, the_cache_is_shown_and_pruned) {
  EXPECT_EQ(build({context()}).code, 0);
  EXPECT_THAT(build({context()}).out, Not(HasSubstr("Running in")));
  EXPECT_THAT(build({"--no-cache", context()}).out, HasSubstr("Running in"));
  EXPECT_THAT(daemon.gantry({"builder", "prune", "-f"}).out, HasSubstr("Deleted build cache objects:\n"));
  EXPECT_THAT(build({context()}).out, HasSubstr("Running in"));
}

TEST_F(Build, docker_builds_with_the_classic_builder) {
  if (run({"docker", "--version"}).code != 0) GTEST_SKIP() << "needs a docker CLI";
  CommandOptions options;
  options.env = {{"DOCKER_BUILDKIT", "0"}};
  const Output built = daemon.docker({"build", "--network", "none", "-t", "x", context()}, options);
  EXPECT_EQ(built.code, 0) << built.err;
  EXPECT_THAT(built.out, HasSubstr("Successfully tagged x:latest\n"));
  write("Dockerfile", "FROM busybox\nRUN exit 7\n");
  EXPECT_EQ(daemon.docker({"build", "--force-rm", "--network", "none", context()}, options).code, 7);
}

} // namespace
} // namespace gantry::test
