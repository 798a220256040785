// Real projects, and the clients that build them: gantry with what it lends, both docker CLIs, docker-py and docker-compose.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

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

class BuildClients : public testing::Test {
 protected:
  void SetUp() override {
    if (auto why = need_root() + need_busybox(); !why.empty()) GTEST_SKIP() << why;
    daemon.start();
    import_busybox(daemon);
  }
  std::string context() const { return daemon.dir() + "/context"; }
  void write(const std::string& name, const std::string& text, const std::string& where = "") {
    const fs::path path = (where.empty() ? context() : where) + "/" + name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  Output build(std::vector<std::string> args, CommandOptions options = {}) {
    args.insert(args.begin(), {"build", "--network", "none"});
    options.deadline = std::chrono::seconds(300);
    return daemon.gantry(std::move(args), std::move(options));
  }
  Output python(const std::string& script) {
    CommandOptions options = daemon.client();
    options.input = script;
    options.deadline = std::chrono::seconds(120);
    return run({"/usr/bin/python3", "-", context()}, options);
  }

  Daemon daemon;
};

TEST_F(BuildClients, a_secret_comes_from_a_file_or_a_variable) {
  write("Dockerfile",
        "FROM busybox\n"
        "RUN --mount=type=secret,id=f,required cat /run/secrets/f\n"
        "RUN --mount=type=secret,id=e,env=IN,required echo $IN | tr a-z A-Z\n"
        "RUN --mount=type=secret,id=IMPLIED cat /run/secrets/IMPLIED\n");
  write("secret", "from a file\n", daemon.dir());
  CommandOptions options;
  options.env = {{"OUT", "from a variable"}, {"IMPLIED", "implied"}};
  const Output built = build({"--secret", "id=f,src=" + daemon.dir() + "/secret", "--secret", "id=e,env=OUT", "--secret",
                              "id=IMPLIED", "-t", "x", context()},
                             options);
  EXPECT_EQ(built.code, 0) << built.err;
  EXPECT_THAT(built.out, HasSubstr("from a file\n"));
  EXPECT_THAT(built.out, HasSubstr("FROM A VARIABLE\n"));
  EXPECT_THAT(built.out, HasSubstr("implied"));
  const Output without = build({"--no-cache", context()});
  EXPECT_EQ(without.code, 1);
  EXPECT_THAT(without.err, HasSubstr("secret f: not found\n"));
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"src=x", "secret missing ID"},
      {"id", "invalid field 'id' must be a key=value pair"},
      {"id=x,foo=y", "unexpected key 'foo' in 'foo=y'"},
      {"id=x,type=y", "unsupported secret type \"y\""},
      {"id=x,src=/nope", "failed to stat /nope: No such file or directory"}};
  for (const auto& [text, error] : wrong) EXPECT_THAT(build({"--secret", text, context()}).err, HasSubstr(error));
}

TEST_F(BuildClients, an_ssh_agent_signs_for_a_step) {
  if (run({"sh", "-c", "command -v ssh-agent ssh-add ssh-keygen gcc"}).code != 0) GTEST_SKIP() << "needs ssh-agent and gcc";
  // Asks the agent for its keys, as ssh-add -l does.
  write("list.c", R"(#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
int main(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  unsigned char b[4096];
  const int s = socket(AF_UNIX, SOCK_STREAM, 0);
  strcpy(address.sun_path, getenv("SSH_AUTH_SOCK"));
  if (connect(s, (void*)&address, sizeof address) || write(s, "\0\0\0\1\13", 5) != 5 || read(s, b, sizeof b) < 30) return 1;
  return printf("%d key: %s\n", b[8], b + 17) < 0;
}
)",
        daemon.dir());
  fs::create_directories(context());
  ASSERT_EQ(run({"gcc", "-static", "-o", context() + "/list", daemon.dir() + "/list.c"}).code, 0);
  const std::string socket = daemon.dir() + "/agent";
  Command agent({"ssh-agent", "-D", "-a", socket});
  ASSERT_TRUE(eventually([&] { return fs::exists(socket); }));
  ASSERT_EQ(run({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", daemon.dir() + "/key"}).code, 0);
  CommandOptions with_agent;
  with_agent.env = {{"SSH_AUTH_SOCK", socket}};
  ASSERT_EQ(run({"ssh-add", "-q", daemon.dir() + "/key"}, with_agent).code, 0);
  write("Dockerfile",
        "FROM busybox\nCOPY list /\nRUN --mount=type=ssh,required /list && /list\nRUN --mount=type=ssh,id=two,uid=7 true\n"
        "USER 7\nRUN --mount=type=ssh,id=two,uid=7 /list\n");
  const Output built = build({"--ssh", "default", "--ssh", "two=" + socket, "-t", "x", context()}, with_agent);
  EXPECT_EQ(built.code, 0) << built.err;
  EXPECT_THAT(built.out, HasSubstr("1 key: ssh-ed25519\n1 key: ssh-ed25519\n"));
  EXPECT_EQ(daemon.gantry({"inspect", "-f", "{{len .RootFS.Layers}} {{.Config.Env}}", "x"}).out,
            "2 [PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin]\n");
  EXPECT_THAT(build({"--no-cache", "--ssh", "two=" + socket, context()}).err, HasSubstr("unset ssh forward key default\n"));
  CommandOptions no_agent;
  no_agent.env = {{"SSH_AUTH_SOCK", ""}};
  EXPECT_THAT(build({"--ssh", "default", context()}, no_agent).err, HasSubstr("invalid empty ssh agent socket"));
  EXPECT_THAT(build({"--ssh", "a=" + daemon.dir() + "/key", context()}).err, HasSubstr("only agents can be forwarded"));
  agent.signal(SIGTERM);
}

/// The same files with other times, in another directory, with nothing from the cache.
TEST_F(BuildClients, two_builds_with_an_epoch_are_the_same_image) {
  const std::string dockerfile =
      "FROM busybox\nWORKDIR /w\nCOPY . src/\nRUN echo made > made && mkdir -p d/e && ln made d/e/l && rm /bin/wc\n"
      "RUN --mount=type=cache,target=/root/.cache touch /root/.cache/x\nLABEL a=b\n";
  std::vector<std::string> seen;
  for (const std::string place : {"one", "two"}) {
    const std::string where = daemon.dir() + "/" + place;
    write("Dockerfile", dockerfile, where);
    write("b/file", "content", where);
    write("a", "a", where);
    if (place == "two") {
      const auto later = fs::file_time_type::clock::now() + std::chrono::hours(48);
      for (const auto* name : {"b/file", "a", "b", "Dockerfile"}) fs::last_write_time(where + "/" + name, later);
    }
    const Output built = build({"--no-cache", "--build-arg", "SOURCE_DATE_EPOCH=1700000000", "-t", place, where});
    ASSERT_EQ(built.code, 0) << built.err;
    EXPECT_THAT(built.out, Not(HasSubstr("not consumed")));
    seen.push_back(daemon.gantry({"inspect", "-f", "{{.Id}} {{.RootFS.Layers}} {{.Created}}", place}).out);
    const Output newer =
        daemon.gantry({"run", "--rm", "--network", "none", place, "sh", "-c",
                       "touch -d @1700000001 /tmp/t; find /w -newer /tmp/t; stat -c %Y /w/made /w/src/a | tr '\\n' ' '"});
    EXPECT_EQ(newer.out, "1700000000 1700000000 ");
  }
  EXPECT_EQ(seen[0], seen[1]);
  EXPECT_THAT(seen[0], HasSubstr("2023-11-14T22:13:20Z"));
  EXPECT_THAT(build({"-t", "other", daemon.dir() + "/one"}).out, Not(HasSubstr("Using cache\n ---> ")))
      << "a build without an epoch takes nothing over from one with";
}

TEST_F(BuildClients, a_c_program_is_compiled_in_a_stage_and_copied_into_scratch) {
  const std::string tar = build_dir() + "/../gcc.tar";
  if (::access(tar.c_str(), R_OK) != 0) GTEST_SKIP() << "needs " << tar << ": debootstrap and a mirror (scripts/gcc-rootfs.sh)";
  ASSERT_EQ(daemon.gantry({"import", tar, "debian:gcc"}).code, 0);
  write("hello.c", "#include <stdio.h>\n#include \"part.h\"\nint main(void) { return printf(\"hello %s\\n\", part()) < 0; }\n");
  write("lib/part.c", "#include \"part.h\"\nconst char* part(void) { return VERSION; }\n");
  write("lib/part.h", "const char* part(void);\n");
  write("Dockerfile",
        "FROM debian:gcc AS build\nWORKDIR /src\nCOPY --parents *.c lib/*.[ch] ./\nARG VERSION=unknown\n"
        "RUN --mount=type=cache,target=/obj gcc -O2 -c -DVERSION=\"\\\"$VERSION\\\"\" -o /obj/part.o lib/part.c && "
        "gcc -O2 -Ilib -static -o /hello hello.c /obj/part.o\n"
        "FROM scratch\nCOPY --from=build --chmod=0555 /hello /\nUSER 65534\nENTRYPOINT [\"/hello\"]\n");
  const Output built = build({"-t", "hello", "--build-arg", "VERSION=1.2", context()});
  ASSERT_EQ(built.code, 0) << built.err << built.out;
  EXPECT_EQ(daemon.gantry({"run", "--rm", "--network", "none", "hello"}).out, "hello 1.2\n");
  EXPECT_EQ(daemon.gantry({"inspect", "-f", "{{len .RootFS.Layers}}", "hello"}).out, "1\n");
}

TEST_F(BuildClients, docker_py_builds) {
  if (run({"/usr/bin/python3", "-c", "import docker"}).code != 0) GTEST_SKIP() << "needs python3-docker";
  write("Dockerfile", "FROM busybox\nARG V=0\nCOPY a /a\nRUN echo v=$V $(cat /a)\n");
  write("a", "from the context");
  const Output done = python(R"(
import docker, io, sys, tarfile
client = docker.from_env(version="auto")
context = sys.argv[1]
image, log = client.images.build(path=context, tag="py:path", buildargs={"V": "7"}, labels={"l": "m"}, network_mode="none", rm=True)
text = "".join(line.get("stream", "") for line in log)
assert "v=7 from the context" in text, text
assert image.labels == {"l": "m"} and image.tags == ["py:path"], (image.labels, image.tags)
image, log = client.images.build(fileobj=io.BytesIO(b"FROM busybox\nRUN echo alone\n"), network_mode="none", rm=True, forcerm=True)
assert any("alone" in line.get("stream", "") for line in log)
tar = io.BytesIO()
with tarfile.open(fileobj=tar, mode="w:gz") as t:
    for name, content in (("Other", b"FROM busybox\nCOPY in /in\nRUN cat /in\n"), ("in", b"of a custom context")):
        info = tarfile.TarInfo(name)
        info.size = len(content)
        t.addfile(info, io.BytesIO(content))
image, log = client.images.build(fileobj=io.BytesIO(tar.getvalue()), custom_context=True, encoding="gzip", dockerfile="Other",
                                 nocache=True, network_mode="none", rm=True)
assert any("of a custom context" in line.get("stream", "") for line in log)
first = list(client.api.build(path=context, decode=True, nocache=True, network_mode="none", rm=True))
assert first[0] == {"stream": "Step 1/4 : FROM busybox"}, first[0]
assert "aux" in first[-2] and first[-1]["stream"].startswith("Successfully built"), first[-2:]
again = "".join(line.get("stream", "") for line in client.api.build(path=context, decode=True, network_mode="none"))
assert again.count("Using cache") == 3, again
try:
    client.images.build(fileobj=io.BytesIO(b"FROM busybox\nRUN exit 5\n"), network_mode="none", forcerm=True)
    raise SystemExit("no error")
except docker.errors.BuildError as error:
    assert error.msg == "The command '/bin/sh -c exit 5' returned a non-zero code: 5", error.msg
try:
    client.images.build(fileobj=io.BytesIO(b"FROM busybox\nFOO\n"))
    raise SystemExit("no error")
except docker.errors.APIError as error:
    assert error.status_code == 400, error
assert not client.containers.list(all=True)
print("done")
)");
  EXPECT_EQ(done.out, "done\n") << done.err;
}

TEST_F(BuildClients, docker_compose_builds) {
  if (run({"sh", "-c", "command -v docker-compose"}).code != 0) GTEST_SKIP() << "needs docker-compose";
  write(
      "app/Dockerfile",
      "FROM busybox AS base\nARG GREETING=none\nRUN echo $GREETING > /greeting\nFROM base AS dev\nCMD [\"cat\", \"/greeting\"]\n"
      "FROM base\nRUN false\n");
  write("docker-compose.yml",
        "version: \"3.7\"\nservices:\n  app:\n    image: composed\n    network_mode: none\n    build:\n      context: app\n"
        "      args:\n        GREETING: good day\n      target: dev\n      network: none\n      labels:\n        made.by: "
        "compose\n");
  const auto compose = [&](std::vector<std::string> args) {
    args.insert(args.begin(), {"docker-compose", "-p", "b", "-f", context() + "/docker-compose.yml"});
    CommandOptions options = daemon.client();
    options.env["DOCKER_BUILDKIT"] = options.env["COMPOSE_DOCKER_CLI_BUILD"] = "0";
    options.deadline = std::chrono::seconds(120);
    return run(args, options);
  };
  const Output built = compose({"build"});
  EXPECT_EQ(built.code, 0) << built.err;
  EXPECT_THAT(built.out, HasSubstr("Successfully tagged composed:latest"));
  EXPECT_EQ(daemon.gantry({"inspect", "-f", "{{index .Config.Labels \"made.by\"}}", "composed"}).out, "compose\n");
  EXPECT_EQ(daemon.gantry({"run", "--rm", "--network", "none", "composed"}).out, "good day\n");
  EXPECT_THAT(compose({"build", "--no-cache"}).out, Not(HasSubstr("Using cache")));
  EXPECT_THAT(compose({"up", "--build"}).out, HasSubstr("good day"));
  EXPECT_EQ(compose({"down", "--rmi", "all"}).code, 0);
  EXPECT_NE(daemon.gantry({"inspect", "composed"}).code, 0);
}

TEST_F(BuildClients, both_docker_clis_build_with_mounts_and_options) {
  write("Dockerfile",
        "FROM busybox AS s\nRUN --mount=type=cache,target=/c echo 1 > /c/f\nFROM busybox\nCOPY --parents --exclude=*.md d/* /o/\n"
        "RUN --mount=from=s,target=/s test -x /s/bin/ls && ls /o/d\nRUN --mount=type=secret,id=s,required true\n");
  write("d/a", "");
  write("d/b.md", "");
  for (const std::string cli : {"/usr/local/bin/docker", "/usr/bin/docker"}) {
    SCOPED_TRACE(cli);
    if (!fs::exists(cli)) continue;
    daemon.use_docker(cli);
    CommandOptions options;
    options.env = {{"DOCKER_BUILDKIT", "0"}};
    const Output built = daemon.docker({"build", "--no-cache", "--force-rm", "--network", "none", context()}, options);
    EXPECT_EQ(built.code, 1);
    EXPECT_THAT(built.out, HasSubstr("Step 5/6 : RUN --mount=from=s"));
    EXPECT_THAT(built.out, HasSubstr("\na\n"));
    EXPECT_THAT(built.err, HasSubstr("secret s: not found\n"));
  }
}

} // namespace
} // namespace gantry::test
