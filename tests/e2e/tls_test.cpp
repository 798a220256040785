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

  std::string dir_;
};

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
