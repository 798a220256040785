// Docker's Compose v2, of a pinned version, against a private gantryd: what it does beyond plain requests is to watch events,
// follow logs, look at containers when they die, and start execs twice.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "support/daemon.hpp"
#include "support/need.hpp"
#include "support/net.hpp"
#include "support/rootfs.hpp"

namespace gantry::test {
namespace {

/// "front" asks "middle", which asks "store" by its alias at a fixed address. Each begins when the one behind it is ready.
constexpr const char* application = R"(
services:
  front:
    image: busybox
    init: true
    command: ["sh", "-c", "echo front is up; exec httpd -f -p 80"]
    ports: ["127.0.0.1:8080:80"]
    depends_on: [middle]
    networks: [outer]
  middle:
    image: busybox
    init: true
    command: ["sh", "-c", "echo middle is up; cat /run/secrets/word /settings; exec sleep 1000"]
    depends_on:
      store: {condition: service_healthy}
      job: {condition: service_completed_successfully}
    networks: [outer, back]
    volumes: [data:/data]
    secrets: [word]
    configs: [{source: settings, target: /settings}]
  store:
    image: busybox
    init: true
    command: ["sh", "-c", "sleep 0.5; mkdir /w; echo forty-two >/w/index.html; exec httpd -f -h /w -p 6000"]
    healthcheck: {test: "test -e /w/index.html", interval: 100ms, retries: 100}
    networks:
      back:
        aliases: [db]
        ipv4_address: 10.99.0.9
  job:
    image: busybox
    command: ["echo", "job is done"]
    network_mode: none
networks:
  outer:
  back:
    internal: true
    ipam: {config: [{subnet: 10.99.0.0/24}]}
volumes:
  data:
secrets:
  word: {file: ./word}
configs:
  settings: {file: ./settings}
)";

class ComposeV2 : public testing::Test {
 protected:
  void SetUp() override {
    for (const auto& why : {need_root(), need_busybox(), need_network_tools()})
      if (!why.empty()) GTEST_SKIP() << why;
    program_ = build_dir() + "/../compose/usr/libexec/docker/cli-plugins/docker-compose";
    if (!std::filesystem::exists(program_))
      GTEST_SKIP() << "needs build/compose, which scripts/compose.sh fetches where deb.debian.org is to be reached";
    daemon.start();
    import_busybox(daemon);
    std::filesystem::create_directory(directory());
  }
  std::string directory() const { return daemon.dir() + "/app"; }
  void write(const std::string& name, const std::string& text) const { std::ofstream(directory() + "/" + name) << text; }
  std::vector<std::string> argv(std::vector<std::string> args) const {
    args.insert(args.begin(), {program_, "--ansi", "never", "--progress", "plain", "-f", directory() + "/compose.yaml"});
    return args;
  }
  CommandOptions options() const {
    CommandOptions options = daemon.client();
    options.env["HOME"] = options.env["DOCKER_CONFIG"] = daemon.dir(); // nobody's credentials
    return options;
  }
  Output compose(std::vector<std::string> args) const { return run(argv(std::move(args)), options()); }
  void up(const std::string& file) const {
    write("compose.yaml", file);
    const Output o = compose({"up", "-d"});
    ASSERT_EQ(o.code, 0) << o.out << o.err;
  }
  static std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++found;
    return found;
  }
  Daemon daemon;

 private:
  std::string program_;
};

TEST_F(ComposeV2, an_application_of_three_services_lives_and_goes) {
  write("word", "secret word\n");
  write("settings", "some settings\n");
  ASSERT_NO_FATAL_FAILURE(up(application));
  EXPECT_EQ(compose({"ps", "-a", "--format", "{{.Service}} {{.State}} {{.ExitCode}} {{.Health}}"}).out,
            "front running 0 \njob exited 0 \nmiddle running 0 \nstore running 0 healthy\n");
  EXPECT_EQ(compose({"exec", "-T", "middle", "wget", "-q", "-O", "-", "http://db:6000/"}).out, "forty-two\n");
  EXPECT_NE(compose({"exec", "-T", "front", "nslookup", "db", "127.0.0.11"}).code, 0) << "the front is not in the back network";
  EXPECT_EQ(compose({"exec", "-T", "middle", "sh", "-c", "exit 7"}).code, 7);
  EXPECT_EQ(compose({"port", "front", "80"}).out, "127.0.0.1:8080\n");
  for (const char* line : {"middle is up\n", "secret word\n", "some settings\n"})
    EXPECT_EQ(count(compose({"logs", "middle"}).out, line), 1U) << line;
  const Output again = compose({"up", "-d"});
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(count(again.err, "Recreate"), 0U) << again.err;
  const Output one_off = compose({"run", "--rm", "--no-deps", "-T", "front", "sh", "-c", "echo out; echo err >&2; exit 9"});
  EXPECT_EQ(one_off.code, 9);
  EXPECT_EQ(one_off.out, "out\n");
  const Output down = compose({"down", "-v", "-t", "0"});
  EXPECT_EQ(down.code, 0) << down.err;
  EXPECT_EQ(daemon.gantry({"ps", "-aq"}).out + daemon.gantry({"volume", "ls", "-q"}).out, "");
  EXPECT_EQ(daemon.gantry({"network", "ls", "--format", "{{.Name}}"}).out, "bridge\nhost\nnone\n");
}

// It follows every run by itself when it hears of its start; how many of them depends on its version.
TEST_F(ComposeV2, logs_and_up_print_no_run_twice) {
  const std::string file = R"(
services:
  one:
    image: busybox
    init: true
    restart: on-failure:1
    command: ["sh", "-c", "echo begun; sleep 1; exit 3"]
)";
  ASSERT_NO_FATAL_FAILURE(up(file));
  const Output logs = compose({"logs", "-f"});
  EXPECT_EQ(logs.code, 0) << logs.err;
  EXPECT_GE(count(logs.out, "begun"), 1U) << logs.out;
  EXPECT_LE(count(logs.out, "begun"), 2U) << logs.out;
  EXPECT_EQ(compose({"down", "-t", "0"}).code, 0);
  const Output foreground = compose({"up"});
  EXPECT_EQ(foreground.code, 0) << foreground.err;
  EXPECT_LE(count(foreground.out, "begun"), 2U) << foreground.out;
  EXPECT_EQ(foreground.err.find("context canceled"), std::string::npos) << foreground.err;
}

// It attaches to an exec and starts it as well; the second of the two must not be an error.
TEST_F(ComposeV2, watch_copies_and_removes_files) {
  std::filesystem::create_directory(directory() + "/src");
  write("compose.yaml", R"(
services:
  one:
    image: busybox
    build: .
    init: true
    command: ["sleep", "1000"]
    develop: {watch: [{action: sync, path: ./src, target: /src}]}
)");
  write("Dockerfile", "FROM busybox\n");
  ASSERT_EQ(compose({"up", "-d", "--no-build"}).code, 0);
  Command watching(argv({"watch", "--no-up"}), options());
  const auto inside = [&] { return compose({"exec", "-T", "one", "sh", "-c", "cat /src/* 2>/dev/null"}).out; };
  const auto arrives = [&](const std::string& text) {
    write("src/a", text);
    return eventually([&] { return inside() == text; }, std::chrono::seconds(10));
  };
  ASSERT_TRUE(watching.wait_for_output("Watch enabled"));
  EXPECT_TRUE(arrives("first\n"));
  for (int round = 0; round < 2; ++round) {
    std::filesystem::remove(directory() + "/src/a");
    EXPECT_TRUE(eventually([&] { return inside().empty(); }, std::chrono::seconds(10))) << round;
    EXPECT_TRUE(arrives("again\n")) << round;
  }
  watching.signal(SIGINT);
  const Output o = watching.finish();
  EXPECT_EQ((o.out + o.err).find("Error response"), std::string::npos) << o.out << o.err;
}

TEST_F(ComposeV2, services_share_namespaces_of_others_whatever_they_are_called_later) {
  ASSERT_NO_FATAL_FAILURE(up(R"(
services:
  host:
    image: busybox
    init: true
    container_name: keeper
    command: ["sleep", "1000"]
    mac_address: 02:42:ac:11:65:43
    networks: {zebra: , apple: }
  guest:
    image: busybox
    init: true
    command: ["sleep", "1000"]
    network_mode: container:keeper
    pid: container:keeper
    depends_on: [host]
networks:
  zebra:
  apple:
)"));
  const std::string id = daemon.docker({"inspect", "-f", "{{.Id}}", "keeper"}).out.substr(0, 64);
  EXPECT_EQ(daemon.docker({"inspect", "-f", "{{.HostConfig.NetworkMode}} {{.HostConfig.PidMode}}", "app-guest-1"}).out,
            "container:" + id + " container:" + id + "\n");
  ASSERT_EQ(daemon.docker({"rename", "keeper", "other"}).code, 0);
  EXPECT_EQ(daemon.docker({"restart", "-t", "0", "app-guest-1"}).code, 0);
  const std::string inspected = daemon.docker({"inspect", "other"}).out;
  EXPECT_LT(inspected.find("\"app_apple\": {"), inspected.find("\"app_zebra\": {")) << inspected;
  EXPECT_LT(inspected.find("\"SecondaryIPAddresses\""), inspected.find("\"SecondaryIPv6Addresses\""));
}

} // namespace
} // namespace gantry::test
