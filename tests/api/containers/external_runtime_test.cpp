// `--runtime`: containers that crun and runc make.
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <regex>

#include <nlohmann/json.hpp>

#include "support/daemon.hpp"
#include "support/http_client.hpp"
#include "support/need.hpp"
#include "support/rootfs.hpp"

namespace gantry::test {
namespace {

std::string path_of(const std::string& program) {
  for (const char* directory : {"/usr/bin/", "/usr/sbin/"})
    if (std::filesystem::exists(directory + program)) return directory + program;
  return "";
}

class ExternalRuntime : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (auto why = need_root() + need_busybox(); !why.empty()) GTEST_SKIP() << why;
    if (path_of(GetParam()).empty()) GTEST_SKIP() << "needs " << GetParam();
    daemon_ = std::make_unique<Daemon>(
        std::vector<std::string>{"--add-runtime", "ext=" + path_of(GetParam()), "--add-runtime", "gone=/nowhere/runtime"});
    daemon_->start();
    import_busybox(*daemon_);
  }
  Output run(std::vector<std::string> args, CommandOptions options = {}) {
    args.insert(args.begin(), {"run", "--network", "none", "--runtime", "ext"});
    return daemon_->gantry(std::move(args), std::move(options));
  }
  nlohmann::json get(const std::string& target) { return nlohmann::json::parse(HttpClient(daemon_->socket()).get(target).body); }
  std::unique_ptr<Daemon> daemon_;
};

INSTANTIATE_TEST_SUITE_P(Runtimes, ExternalRuntime, ::testing::Values("runc", "crun"),
                         [](const auto& row) { return std::string(row.param); });

TEST_P(ExternalRuntime, runs_a_container_with_streams_user_and_exit_code) {
  CommandOptions options;
  options.input = "typed\n";
  const Output o = run({"--rm", "-i", "-u", "user", "-w", "/made", "--hostname", "host", "-m", "64m", "busybox", "sh", "-c",
                        "cat; id -u; pwd; hostname; echo err >&2; exit 9"},
                       options);
  EXPECT_EQ(o.code, 9) << o.err;
  EXPECT_TRUE(o.out.starts_with("typed\n1000\n/made\nhost\n")) << o.out;
  EXPECT_EQ(o.err, "err\n");
}

TEST_P(ExternalRuntime, logs_exec_pause_top_stats_and_stop_work) {
  ASSERT_EQ(run({"-d", "--init", "--name", "box", "busybox", "sh", "-c", "echo logged; sleep 1000"}).code, 0);
  EXPECT_EQ(get("/containers/box/json")["HostConfig"]["Runtime"], "ext");
  EXPECT_TRUE(eventually([&] { return daemon_->gantry({"logs", "box"}).out == "logged\n"; }));
  const Output exec = daemon_->gantry({"exec", "-e", "A=b", "box", "sh", "-c", "echo $A; exit 6"});
  EXPECT_EQ(exec.out, "b\n") << exec.err;
  EXPECT_EQ(exec.code, 6);
  EXPECT_EQ(daemon_->gantry({"exec", "box", "nosuch"}).code, 127);
  EXPECT_EQ(daemon_->gantry({"pause", "box"}).code, 0);
  EXPECT_EQ(daemon_->gantry({"unpause", "box"}).code, 0);
  EXPECT_NE(daemon_->gantry({"top", "box"}).out.find("sleep 1000"), std::string::npos);
  EXPECT_GT(get("/containers/box/stats?stream=0&one-shot=1")["pids_stats"].value("current", 0), 1);
  EXPECT_EQ(daemon_->gantry({"stop", "-t", "1", "box"}).code, 0);
  EXPECT_EQ(daemon_->gantry({"start", "box"}).code, 0);
  EXPECT_EQ(daemon_->gantry({"rm", "-f", "box"}).code, 0);
}

TEST_P(ExternalRuntime, lives_on_while_the_daemon_is_killed) {
  ASSERT_EQ(run({"-d", "--name", "box", "busybox", "sh", "-c", "trap 'exit 3' TERM; while :; do sleep 0.05; done"}).code, 0);
  daemon_->kill();
  daemon_->start();
  EXPECT_EQ(daemon_->gantry({"exec", "box", "echo", "there"}).out, "there\n");
  EXPECT_EQ(daemon_->gantry({"stop", "box"}).code, 0);
  EXPECT_EQ(get("/containers/box/json")["State"]["ExitCode"], 3);
}

TEST_P(ExternalRuntime, errors_are_told_in_dockers_words) {
  const Output missing = run({"--rm", "busybox", "nosuch"});
  EXPECT_EQ(missing.code, 127) << missing.err;
  EXPECT_NE(missing.err.find("OCI runtime create failed: "), std::string::npos) << missing.err;
  EXPECT_NE(missing.err.find("nosuch"), std::string::npos) << missing.err;
  const Output gone = daemon_->gantry({"run", "--rm", "--network", "none", "--runtime", "gone", "busybox", "true"});
  EXPECT_EQ(gone.code, 127);
  EXPECT_NE(gone.err.find("fork/exec /nowhere/runtime: no such file or directory"), std::string::npos) << gone.err;
  const Output unknown = daemon_->gantry({"run", "--rm", "--runtime", "nope", "busybox", "true"});
  EXPECT_EQ(unknown.code, 125);
  EXPECT_NE(unknown.err.find("unknown or invalid runtime name: nope"), std::string::npos) << unknown.err;
}

TEST_P(ExternalRuntime, runs_in_a_user_namespace_with_the_owners_of_layers_and_binds_mapped) {
  const std::string source = daemon_->dir() + "/source";
  std::filesystem::create_directory(source);
  // The root of a user namespace has to get through to what the runtime mounts for it.
  ASSERT_EQ(::chmod(daemon_->dir().c_str(), 0711), 0);
  std::ofstream(source + "/file") << "content";
  std::filesystem::create_directory(source + "/owned");
  ASSERT_EQ(::chown((source + "/owned").c_str(), 1000, 1000), 0);
  const Output o = run({"--rm", "--userns", "auto", "-v", source + ":/data:idmap", "busybox", "sh", "-c",
                        "cat /proc/self/uid_map; stat -c '%u %n' /bin/busybox /etc/hosts /data/file /data/owned; cat /data/file; "
                        "echo made >/data/made; touch /new && stat -c %u /new"});
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_TRUE(std::regex_search(o.out, std::regex("^ +0 +[1-9][0-9]+ +65536\n"))) << o.out;
  EXPECT_NE(o.out.find("0 /bin/busybox\n0 /etc/hosts\n0 /data/file\n1000 /data/owned\ncontent0\n"), std::string::npos) << o.out;
  struct stat made {};
  ASSERT_EQ(::stat((source + "/made").c_str(), &made), 0);
  EXPECT_EQ(made.st_uid, 0u) << "what the container writes belongs to whom it is there";
}

TEST_P(ExternalRuntime, is_listed_by_info) {
  const auto info = get("/info");
  EXPECT_EQ(info["Runtimes"]["ext"]["path"], path_of(GetParam()));
  EXPECT_TRUE(info["Runtimes"].contains("runc"));
  EXPECT_EQ(info["DefaultRuntime"], "gantry");
}

/// A daemon whose runtimes are written in a file.
class RuntimeReload : public testing::Test {
 protected:
  void SetUp() override {
    if (auto why = need_root() + need_busybox(); !why.empty()) GTEST_SKIP() << why;
    if (path_of("crun").empty()) GTEST_SKIP() << "needs crun";
    configure("{}");
    daemon_ = std::make_unique<Daemon>(std::vector<std::string>{"--config-file", file_});
    daemon_->start();
    import_busybox(*daemon_);
  }
  void TearDown() override {
    daemon_.reset();
    std::filesystem::remove(file_);
  }
  void configure(const std::string& text) { std::ofstream(file_) << text; }
  /// Another configuration, in force: its `labels` say so.
  void reload(const std::string& members) {
    const std::string label = "version=" + std::to_string(++version_);
    configure("{\"labels\": [\"" + label + "\"]" + members + "}");
    ASSERT_EQ(::kill(daemon_->pid(), SIGHUP), 0);
    EXPECT_TRUE(eventually([&] { return info()["Labels"] == nlohmann::json::array({label}); })) << daemon_->log();
  }
  nlohmann::json info() { return nlohmann::json::parse(HttpClient(daemon_->socket()).get("/info").body); }
  Output run(const std::string& runtime, std::vector<std::string> args) {
    args.insert(args.begin(), {"run", "--network", "none"});
    if (!runtime.empty()) args.insert(args.begin() + 1, {"--runtime", runtime});
    return daemon_->gantry(std::move(args));
  }

  std::string file_ = "/tmp/gantry-reload-" + std::to_string(::getpid()) + ".json";
  int version_ = 0;
  std::unique_ptr<Daemon> daemon_;
};

TEST_F(RuntimeReload, brings_takes_away_and_keeps_what_runs) {
  const std::string crun = R"(, "runtimes": {"ext": {"path": ")" + path_of("crun") + R"("}})";
  EXPECT_EQ(run("ext", {"--rm", "busybox", "true"}).code, 125);
  reload(crun);
  EXPECT_EQ(info()["Runtimes"]["ext"]["path"], path_of("crun"));
  ASSERT_EQ(run("ext", {"-d", "--name", "box", "busybox", "sleep", "1000"}).code, 0);

  // Another program under the same name.
  reload(R"(, "runtimes": {"ext": {"path": "/nowhere/runtime"}})");
  const Output gone = run("ext", {"--rm", "busybox", "true"});
  EXPECT_NE(gone.err.find("fork/exec /nowhere/runtime: no such file or directory"), std::string::npos) << gone.err;
  EXPECT_EQ(daemon_->gantry({"exec", "box", "echo", "lives"}).out, "lives\n");

  // None at all: what runs goes on, what starts is refused.
  reload("");
  EXPECT_FALSE(info()["Runtimes"].contains("ext"));
  EXPECT_NE(run("ext", {"--rm", "busybox", "true"}).err.find("unknown or invalid runtime name: ext"), std::string::npos);
  EXPECT_EQ(daemon_->gantry({"exec", "box", "echo", "still"}).out, "still\n");
  EXPECT_EQ(daemon_->gantry({"stop", "-t", "0", "box"}).code, 0);
  EXPECT_NE(daemon_->gantry({"start", "box"}).err.find("unknown or invalid runtime name: ext"), std::string::npos);

  reload(crun + R"(, "default-runtime": "ext")");
  EXPECT_EQ(daemon_->gantry({"start", "box"}).code, 0);
  EXPECT_EQ(info()["DefaultRuntime"], "ext");
  ASSERT_EQ(run("", {"-d", "--name", "by_default", "busybox", "sleep", "1000"}).code, 0);
  EXPECT_EQ(daemon_->gantry({"inspect", "-f", "{{.HostConfig.Runtime}}", "by_default"}).out, "ext\n");
  EXPECT_EQ(daemon_->gantry({"rm", "-f", "box", "by_default"}).code, 0);
}

TEST_F(RuntimeReload, of_a_wrong_configuration_changes_nothing) {
  reload(R"(, "runtimes": {"ext": {"path": ")" + path_of("crun") + R"("}})");
  configure(R"({"runtimes": {"other": {}}, "labels": ["lost=1"]})");
  ASSERT_EQ(::kill(daemon_->pid(), SIGHUP), 0);
  EXPECT_TRUE(eventually([&] { return daemon_->log().find("reload: ") != std::string::npos; }));
  EXPECT_EQ(info()["Labels"], nlohmann::json::array({"version=1"}));
  EXPECT_EQ(run("ext", {"--rm", "busybox", "echo", "fine"}).out, "fine\n");
}

} // namespace
} // namespace gantry::test
