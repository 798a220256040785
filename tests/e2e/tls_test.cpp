#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "support/daemon.hpp"
#include "support/need.hpp"

namespace gantry::test {
namespace {

using testing::HasSubstr;

/// A daemon on TCP with certificates made by openssl(1), and the docker CLI with those of a client.
class TlsDaemon : public testing::Test {
 protected:
  void SetUp() override {
    if (auto why = need_root(); !why.empty()) GTEST_SKIP() << why;
    char name[] = "/tmp/gtls.XXXXXX";
    dir_ = ::mkdtemp(name);
    const auto made = run({"/bin/sh", "-ec", R"(
      cd "$1"
      for authority in ca other; do
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $authority-key.pem -out $authority.pem -subj /CN=$authority 2>/dev/null
      done
      issue() {
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $1-key.pem -out $1.csr -subj /CN=$1 2>/dev/null
        printf '%s\n' subjectAltName=IP:127.0.0.1 >$1.ext
        openssl x509 -req -in $1.csr -CA $2.pem -CAkey $2-key.pem -CAcreateserial -out $1.pem -days 2 -extfile $1.ext 2>/dev/null
      }
      issue server ca; issue client ca; issue stranger other)",
                           "sh", dir_});
    ASSERT_EQ(made.code, 0) << made.err;
  }
  void TearDown() override { run({"rm", "-rf", dir_}); }

  std::vector<std::string> server_flags(const std::string& mode) const {
    return {"-H",        "tcp://127.0.0.1:2376", mode,       "--tlscacert",           dir_ + "/ca.pem",
            "--tlscert", dir_ + "/server.pem",   "--tlskey", dir_ + "/server-key.pem"};
  }
  Output docker(const std::string& who, std::vector<std::string> args, CommandOptions options = {}) const {
    std::vector<std::string> argv{
        "docker",         "-H",        "tcp://127.0.0.1:2376",    "--tlsverify", "--tlscacert",
        dir_ + "/ca.pem", "--tlscert", dir_ + "/" + who + ".pem", "--tlskey",    dir_ + "/" + who + "-key.pem"};
    argv.insert(argv.end(), args.begin(), args.end());
    options.env["DOCKER_CONFIG"] = dir_ + "/docker-config";
    return run(argv, options);
  }

  static constexpr const char* place = "tcp://127.0.0.1:2376";
  /// The flags that name a client's files.
  std::vector<std::string> files(const std::string& who) const {
    return {"--tlscacert", dir_ + "/ca.pem", "--tlscert", dir_ + "/" + who + ".pem", "--tlskey", dir_ + "/" + who + "-key.pem"};
  }
  Output gantry(std::vector<std::string> flags, const std::vector<std::string>& args, CommandOptions options = {}) const {
    flags.insert(flags.begin(), build_dir() + "/bin/gantry");
    flags.insert(flags.end(), args.begin(), args.end());
    options.env["HOME"] = dir_;
    options.env["GANTRY_HOST"] = options.env["DOCKER_HOST"] = "";
    return run(flags, options);
  }
  /// With everything that it needs.
  Output trusted(const std::vector<std::string>& args, CommandOptions options = {}) const {
    std::vector<std::string> flags = files("client");
    flags.insert(flags.begin(), {"-H", place, "--tlsverify"});
    return gantry(flags, args, std::move(options));
  }

  std::string dir_;
};

TEST_F(TlsDaemon, the_own_client_streams_everything_over_tls) {
  Daemon daemon(server_flags("--tlsverify"));
  daemon.start();
  const std::string gantry_line = build_dir() + "/bin/gantry -H " + place + " --tlsverify --tlscacert " + dir_ +
                                  "/ca.pem --tlscert " + dir_ + "/client.pem --tlskey " + dir_ + "/client-key.pem ",
                    sent = dir_ + "/sent";
  ASSERT_EQ(run({"/bin/sh", "-c", "head -c 3000000 /dev/urandom >" + sent}).code, 0);
  const auto echoes = [&](const std::string& command) {
    const Output o = run({"/bin/sh", "-c", gantry_line + command + " <" + sent + " | cmp - " + sent});
    return o.code == 0 && o.err.empty();
  };
  EXPECT_TRUE(echoes("run --rm -i --network none gantry/hello cat"));
  EXPECT_EQ(trusted({"run", "-d", "--name", "box", "--network", "none", "gantry/hello", "sleep", "1000"}).code, 0);
  EXPECT_TRUE(echoes("exec -i box /hello cat"));
  EXPECT_EQ(trusted({"exec", "box", "/hello", "exit", "7"}).code, 7);
  // A terminal, that script(1) lends.
  EXPECT_EQ(run({"script", "-qec", gantry_line + "exec -it box /hello exit 3", "/dev/null"}).code, 3);
  Command follower({build_dir() + "/bin/gantry", "-H", place, "--tlsverify", "--tlscacert", dir_ + "/ca.pem", "--tlscert",
                    dir_ + "/client.pem", "--tlskey", dir_ + "/client-key.pem", "events", "--format", "{{.Action}}"});
  ASSERT_TRUE(eventually([&] {
    trusted({"rename", "box", "crate"});
    trusted({"rename", "crate", "box"});
    return follower.wait_for_output("rename", std::chrono::seconds(1));
  }));
  follower.signal(SIGTERM);
  EXPECT_EQ(follower.finish().code, 128 + SIGTERM);
  EXPECT_EQ(run({"/bin/sh", "-c",
                 "mkdir -p $1/tree/deep && echo text >$1/tree/deep/file && head -c 2000000 /dev/zero >$1/tree/large", "sh", dir_})
                .code,
            0);
  EXPECT_EQ(trusted({"cp", dir_ + "/tree", "box:/"}).code, 0);
  const Output copied = trusted({"cp", "box:/tree", dir_ + "/back"});
  EXPECT_EQ(copied.code, 0) << copied.err;
  EXPECT_EQ(run({"diff", "-r", dir_ + "/tree", dir_ + "/back"}).code, 0);
  CommandOptions dockerfile;
  dockerfile.input = "FROM gantry/hello\nLABEL a=b\n";
  const Output built = trusted({"build", "-t", "made", "-"}, dockerfile);
  EXPECT_EQ(built.code, 0) << built.out << built.err;
  EXPECT_EQ(trusted({"inspect", "-f", "{{.Config.Labels.a}}", "made"}).out, "b\n");
  EXPECT_EQ(trusted({"rm", "-f", "box"}).code, 0);
  // None of the helpers stays.
  EXPECT_TRUE(eventually([&] { return run({"/bin/sh", "-c", "ps -eo args | grep '^gantry-tls.*" + dir_ + "'"}).out.empty(); }));
}

TEST_F(TlsDaemon, the_own_client_tells_why_there_is_no_connection_as_docker_does) {
  Daemon daemon(server_flags("--tlsverify"));
  daemon.start();
  const std::string get = "error during connect: Get \"https://127.0.0.1:2376/v1.51/containers/json\": ",
                    none = dir_ + "/nosuch.pem";
  const auto with = [&](const std::string& host, std::vector<std::string> more) {
    std::vector<std::string> flags{"-H", host, "--tlsverify"};
    flags.insert(flags.end(), more.begin(), more.end());
    return flags;
  };
  const struct {
    std::vector<std::string> flags;
    std::string text;
  } rows[] = {
      {with(place, files("stranger")), get + "remote error: tls: unknown certificate authority"},
      {with(place, {"--tlscacert", dir_ + "/ca.pem"}), get + "remote error: tls: certificate required"},
      {{"-H", place, "--tls"}, get + "remote error: tls: certificate required"},
      {with(place, {"--tlscacert", dir_ + "/other.pem"}),
       get + "tls: failed to verify certificate: x509: certificate signed by unknown authority"},
      {with("tcp://localhost:2376", files("client")),
       "error during connect: Get \"https://localhost:2376/v1.51/containers/json\": tls: failed to verify certificate: x509: "
       "certificate is not "
       "valid for any names, but wanted to match localhost"},
      {with("tcp://127.0.0.1:9", files("client")),
       "Cannot connect to the Gantry daemon at tcp://127.0.0.1:9. Is gantryd running?"},
      {with(place, {}),
       "Failed to initialize: unable to resolve docker endpoint: open " + dir_ + "/.docker/ca.pem: no such file or directory"},
      {with(place, {"--tlscacert", dir_ + "/ca.pem", "--tlscert", none, "--tlskey", none}),
       "Failed to initialize: unable to resolve docker endpoint: open " + none + ": no such file or directory"},
      {with(place, {"--tlscacert", dir_ + "/ca.pem", "--tlscert", dir_ + "/client.pem", "--tlskey", dir_ + "/server-key.pem"}),
       "Failed to initialize: failed to retrieve context tls info: tls: private key does not match public key"},
      {with(place, {"--tlscacert", dir_ + "/server-key.pem"}),
       "Failed to initialize: failed to retrieve context tls info: ca.pem seems invalid"},
  };
  for (const auto& row : rows) {
    const Output o = gantry(row.flags, {"ps"});
    EXPECT_EQ(o.code, 1) << row.text;
    EXPECT_EQ(o.err, row.text + "\n");
  }
}

TEST_F(TlsDaemon, the_own_client_takes_its_settings_from_the_environment) {
  Daemon daemon(server_flags("--tlsverify"));
  daemon.start();
  run({"/bin/sh", "-c",
       "mkdir $1/.docker; cd $1; cp ca.pem .docker/; cp client.pem .docker/cert.pem; cp client-key.pem .docker/key.pem", "sh",
       dir_});
  CommandOptions options;
  options.env["DOCKER_TLS_VERIFY"] = "1";
  EXPECT_EQ(gantry({"-H", "tcp://127.0.0.1"}, {"ps", "-q"}, options).code, 0) << "~/.docker, and the port of TLS";
  options.env["DOCKER_CERT_PATH"] = dir_ + "/nosuch";
  EXPECT_THAT(gantry({"-H", place}, {"ps", "-q"}, options).err, HasSubstr(dir_ + "/nosuch/ca.pem: no such file or directory"));
  EXPECT_EQ(gantry({"-H", daemon.host()}, {"ps", "-q"}).code, 0) << "not on a unix socket";
}

TEST_F(TlsDaemon, serves_clients_with_a_certificate_and_nobody_else) {
  Daemon daemon(server_flags("--tlsverify"));
  daemon.start();
  EXPECT_EQ(docker("client", {"version", "--format", "{{.Server.Os}}"}).out, "linux\n");
  const auto stranger = docker("stranger", {"version"});
  EXPECT_NE(stranger.code, 0);
  EXPECT_THAT(stranger.err, HasSubstr("tls"));
  const auto plain = run({"docker", "-H", "tcp://127.0.0.1:2376", "ps"});
  EXPECT_NE(plain.code, 0);
  // None of them disturbs the others.
  EXPECT_EQ(docker("client", {"ps", "-q"}).code, 0);
}

TEST_F(TlsDaemon, streams_pass_in_both_directions_with_their_ends) {
  Daemon daemon(server_flags("--tlsverify"));
  daemon.start();
  CommandOptions options;
  options.input = std::string(3 << 20, 'x') + "end";
  const auto echoed = docker("client", {"run", "--rm", "-i", "--network", "none", "gantry/hello", "cat"}, options);
  EXPECT_EQ(echoed.code, 0) << echoed.err;
  EXPECT_EQ(echoed.out.size(), options.input.size());
  EXPECT_TRUE(echoed.out == options.input);
  const auto refused = docker("client", {"load"}, {std::string(4 << 20, 'x')});
  EXPECT_NE(refused.code, 0);
  EXPECT_THAT(refused.err, HasSubstr("invalid archive"));
}

TEST_F(TlsDaemon, a_client_that_says_nothing_holds_up_nobody) {
  Daemon daemon(server_flags("--tls"));
  daemon.start();
  Command silent({"/bin/bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/2376; echo ready; cat <&3"});
  ASSERT_TRUE(silent.wait_for_output("ready"));
  EXPECT_EQ(docker("client", {"version", "--format", "{{.Server.Os}}"}).out, "linux\n");
  // Its ten seconds over, it is cut off.
  EXPECT_EQ(silent.finish().code, 0);
}

TEST_F(TlsDaemon, files_that_do_not_fit_are_named) {
  auto flags = server_flags("--tlsverify");
  flags.back() = dir_ + "/client-key.pem";
  Daemon mismatched(flags);
  mismatched.launch();
  EXPECT_NE(mismatched.wait_exit().code, 0);
  EXPECT_THAT(mismatched.log(), HasSubstr("client-key.pem as the key of " + dir_ + "/server.pem"));
  flags.back() = "/nonexistent.pem";
  Daemon missing(flags);
  missing.launch();
  EXPECT_NE(missing.wait_exit().code, 0);
  EXPECT_THAT(missing.log(), HasSubstr("/nonexistent.pem"));
}

} // namespace
} // namespace gantry::test
