// Images travel: the docker CLIs, docker-py and gantry against a daemon of ours and a real registry.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "images/digest.hpp"
#include "images/image_config.hpp"
#include "support/daemon.hpp"
#include "support/http_client.hpp"
#include "support/http_server.hpp"
#include "support/need.hpp"
#include "support/registry.hpp"
#include "support/rootfs.hpp"
#include "unit/images/archive_builder.hpp"

namespace gantry::test {
namespace {

std::string client_20_10() {
  const std::string unpacked = build_dir() + "/../docker-cli/usr/bin/docker";
  return ::access(unpacked.c_str(), X_OK) == 0 ? unpacked : "";
}

std::string read_text(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// A registry, or a mirror of one, that serves one image and counts how many layers it sends at once.
class CountingRegistry {
 public:
  explicit CountingRegistry(const std::string& word) {
    Json diff_ids = Json::array(), layers = Json::array();
    for (int i = 0; i < 4; ++i) {
      const auto tar = layer_tar(word + std::to_string(i));
      diff_ids.push_back(images::sha256_of(tar));
      layers.push_back(
          {{"mediaType", "application/vnd.oci.image.layer.v1.tar"}, {"digest", images::sha256_of(tar)}, {"size", tar.size()}});
      blobs_[images::sha256_of(tar)] = tar;
    }
    const auto config = Json{{"os", "linux"},
                             {"architecture", images::host_architecture()},
                             {"config", Json::object()},
                             {"rootfs", {{"type", "layers"}, {"diff_ids", diff_ids}}}}
                            .dump();
    blobs_[images::sha256_of(config)] = config;
    manifest_ = Json{
        {"schemaVersion", 2},
        {"mediaType", type_},
        {"config",
         {{"mediaType", "application/vnd.oci.image.config.v1+json"},
          {"digest", images::sha256_of(config)},
          {"size", config.size()}}},
        {"layers",
         layers}}.dump();
  }
  std::string host() const { return server_.host(); }
  int requests() const { return static_cast<int>(server_.requests().size()); }
  int most_at_once() const { return most_; }

 private:
  void serve(const ServedRequest& request, const Peer& peer) {
    if (request.target.find("/manifests/") != std::string::npos)
      return peer.reply(200, {"Content-Type: " + type_, "Docker-Content-Digest: " + images::sha256_of(manifest_)},
                        request.method == "HEAD" ? "" : manifest_);
    const auto blob = blobs_.find(request.target.substr(request.target.rfind('/') + 1));
    if (blob == blobs_.end()) return peer.reply(request.target == "/v2/" ? 200 : 404, {}, "");
    const int now = ++sending_;
    for (int most = most_; most < now && !most_.compare_exchange_weak(most, now);) continue;
    // Others have the time to come, if they are allowed to.
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
    while (sending_ < 4 && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    peer.reply(200, {}, blob->second);
    --sending_;
  }

  const std::string type_ = "application/vnd.oci.image.manifest.v1+json";
  std::string manifest_;
  std::map<std::string, std::string> blobs_;
  std::atomic<int> sending_ = 0, most_ = 0;
  HttpServer server_{[this](const ServedRequest& request, const Peer& peer) { serve(request, peer); }};
};

TEST(RegistrySettings, follow_the_file_after_a_sighup) {
  if (auto why = need_root(); !why.empty()) GTEST_SKIP() << why;
  char directory[] = "/tmp/gantry-reload-XXXXXX";
  ASSERT_NE(::mkdtemp(directory), nullptr);
  const std::string file = std::string(directory) + "/gantryd.yaml";
  const auto write = [&](const std::string& text) { std::ofstream(file) << text; };
  write("max-concurrent-downloads: 1\n");
  Daemon daemon({"--config-file", file});
  daemon.start();
  CountingRegistry first("first"), second("second"), third("third"), mirror("mirror");
  ASSERT_EQ(daemon.gantry({"pull", first.host() + "/x:1"}).code, 0);
  EXPECT_EQ(first.most_at_once(), 1);

  const auto reload = [&](const std::string& text) {
    write(text);
    const auto seen = daemon.log().size();
    ASSERT_EQ(::kill(daemon.pid(), SIGHUP), 0);
    for (int i = 0; i < 200 && !has(daemon.log().substr(seen), "reload"); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
  };
  reload("max-concurrent-downloads: 4\nregistry-mirrors: [\"" + third.host() + "=http://" + mirror.host() + "\"]\n");
  ASSERT_EQ(daemon.gantry({"pull", second.host() + "/x:1"}).code, 0);
  EXPECT_GE(second.most_at_once(), 2);
  ASSERT_EQ(daemon.gantry({"pull", third.host() + "/x:1"}).code, 0);
  EXPECT_GT(mirror.requests(), 0);
  EXPECT_EQ(third.requests(), 0);

  reload("max-concurrent-downloads: none\n");
  EXPECT_TRUE(has(daemon.log(), "max-concurrent-downloads")) << "a mistake is told and changes nothing";
  const auto again = mirror.requests();
  ASSERT_EQ(daemon.gantry({"pull", third.host() + "/x:1"}).code, 0);
  EXPECT_GT(mirror.requests(), again);
  std::filesystem::remove_all(directory);
}

/// "docker" on PATH, Debian's 20.10, or gantry itself.
class Registries : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (auto why = need_root() + need_busybox() + need_registry(); !why.empty()) GTEST_SKIP() << why;
    if (std::string(GetParam()) == "debian_20_10") {
      if (client_20_10().empty()) GTEST_SKIP() << "needs docker 20.10";
      daemon.use_docker(client_20_10());
    }
    daemon.start();
    import_busybox(daemon);
  }
  bool ours() const { return std::string(GetParam()) == "gantry"; }
  Output cli(std::vector<std::string> args, CommandOptions options = {}) {
    return ours() ? daemon.gantry(std::move(args), std::move(options)) : daemon.docker(std::move(args), std::move(options));
  }
  Daemon daemon;
};

TEST_P(Registries, push_pull_and_run) {
  RegistryProcess server;
  const auto name = server.host() + "/team/box:1";
  ASSERT_EQ(cli({"tag", "busybox", name}).code, 0);
  const auto pushed = cli({"push", name});
  EXPECT_EQ(pushed.code, 0) << pushed.err;
  EXPECT_TRUE(has(pushed.out, "The push refers to repository [" + server.host() + "/team/box]")) << pushed.out;
  EXPECT_TRUE(has(pushed.out, ": Pushed")) << pushed.out;
  EXPECT_TRUE(has(pushed.out, "1: digest: sha256:")) << pushed.out;

  ASSERT_EQ(cli({"rmi", "-f", name, "busybox"}).code, 0);
  const auto pulled = cli({"pull", name});
  EXPECT_EQ(pulled.code, 0) << pulled.err;
  EXPECT_TRUE(has(pulled.out, "1: Pulling from team/box")) << pulled.out;
  EXPECT_TRUE(has(pulled.out, "Status: Downloaded newer image for " + name)) << pulled.out;
  EXPECT_TRUE(has(pulled.out, "\n" + name + "\n")) << pulled.out;
  EXPECT_TRUE(has(cli({"pull", name}).out, "Status: Image is up to date for " + name));
  EXPECT_EQ(cli({"pull", "-q", name}).out, name + "\n");
  EXPECT_TRUE(has(cli({"images", "--digests"}).out, "sha256:"));
  EXPECT_EQ(cli({"run", "--rm", "--network", "none", name, "echo", "hello"}).out, "hello\n");

  const auto elsewhere = daemon.dir() + "/oci";
  const auto copied =
      run({"skopeo", "--insecure-policy", "copy", "--src-tls-verify=false", "docker://" + name, "oci:" + elsewhere + ":1"});
  EXPECT_EQ(copied.code, 0) << copied.err;
  if (::access("/usr/bin/umoci", X_OK) == 0) {
    const auto unpacked = run({"umoci", "unpack", "--image", elsewhere + ":1", daemon.dir() + "/bundle"});
    EXPECT_EQ(unpacked.code, 0) << unpacked.err;
    EXPECT_TRUE(std::filesystem::exists(daemon.dir() + "/bundle/rootfs/bin/sh"));
  }
}

TEST_P(Registries, run_pulls_what_is_missing) {
  RegistryProcess server;
  const auto name = server.host() + "/box:1";
  cli({"tag", "busybox", name});
  ASSERT_EQ(cli({"push", "-q", name}).code, 0);
  cli({"rmi", "-f", name, "busybox"});
  auto o = cli({"run", "--rm", "--network", "none", name, "echo", "hello"});
  EXPECT_EQ(o.out, "hello\n") << o.err;
  EXPECT_TRUE(has(o.err, "Unable to find image '" + name + "' locally")) << o.err;
  EXPECT_TRUE(has(o.err, "Status: Downloaded newer image for " + name)) << o.err;
  o = cli({"run", "--rm", "--network", "none", "--pull", "always", name, "echo", "again"});
  EXPECT_EQ(o.out, "again\n") << o.err;
  EXPECT_TRUE(has(o.err, "Status: Image is up to date for " + name)) << o.err;
  o = cli({"run", "--rm", "--pull", "never", server.host() + "/box:7", "true"});
  EXPECT_EQ(o.code, 125);
  EXPECT_TRUE(has(o.err, "No such image: " + server.host() + "/box:7")) << o.err;
  o = cli({"run", "--rm", server.host() + "/box:7", "true"});
  EXPECT_EQ(o.code, 125);
  EXPECT_TRUE(has(o.err, "manifest for " + server.host() + "/box:7 not found: manifest unknown: manifest unknown")) << o.err;
}

TEST_P(Registries, wrong_input_is_said_as_docker_says_it) {
  RegistryProcess server;
  const auto nobody = "127.0.0.1:" + std::to_string(free_port());
  struct Row {
    std::vector<std::string> args;
    std::string says;
  };
  for (const auto& row : std::vector<Row>{
           {{"pull", server.host() + "/nope"}, "manifest for " + server.host() + "/nope:latest not found: manifest unknown"},
           {{"pull", nobody + "/x"}, "Get \"http://" + nobody + "/v2/\": dial tcp " + nobody + ": connect: connection refused"},
           {{"pull", "UPPER"}, "must be lowercase"},
           {{"pull", "-a", server.host() + "/x:1"}, "tag can't be used with --all-tags/-a"},
           {{"pull", "--platform", "a/b/c/d", server.host() + "/x"}, "\"a/b/c/d\": cannot parse platform specifier"},
           {{"push", server.host() + "/x:1"}, "An image does not exist locally with the tag: " + server.host() + "/x"},
           {{"pull", "no.such.host.invalid/x"}, "no.such.host.invalid"},
           {{"search", "anything"}, "index.docker.io"}}) {
    const auto o = cli(row.args);
    EXPECT_EQ(o.code, 1) << row.says;
    EXPECT_TRUE(has(o.err + o.out, row.says)) << o.err << o.out;
  }
}

TEST_P(Registries, login_keeps_what_the_registry_accepts) {
  RegistryProcess server(RegistryProcess::Auth::basic);
  const auto name = server.host() + "/box:1";
  cli({"tag", "busybox", name});
  EXPECT_TRUE(has(cli({"push", name}).err, "no basic auth credentials"));
  CommandOptions wrong, right;
  wrong.input = "wrong\n";
  right.input = "secret\n";
  auto o = cli({"login", "-u", "user", "--password-stdin", server.host()}, wrong);
  EXPECT_EQ(o.code, 1);
  EXPECT_TRUE(has(o.err, "login attempt to http://" + server.host() + "/v2/ failed with status: 401 Unauthorized")) << o.err;
  o = cli({"login", "-u", "user", "--password-stdin", server.host()}, right);
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_TRUE(has(o.out, "Login Succeeded")) << o.out;
  EXPECT_TRUE(has(read_text(daemon.dir() + "/docker-config/config.json"), server.host()));
  EXPECT_EQ(cli({"push", "-q", name}).code, 0);
  cli({"rmi", "-f", name});
  EXPECT_EQ(cli({"pull", "-q", name}).code, 0);
  EXPECT_TRUE(has(cli({"logout", server.host()}).out, "Removing login credentials for " + server.host()));
  EXPECT_EQ(cli({"push", name}).code, 1);
}

TEST_P(Registries, an_interrupted_pull_goes_on) {
  RegistryProcess server;
  const auto name = server.host() + "/box:1";
  cli({"tag", "busybox", name});
  ASSERT_EQ(cli({"push", "-q", name}).code, 0);
  cli({"rmi", "-f", name, "busybox"});
  std::atomic<int> hanging = 0;
  FaultProxy proxy(server.port());
  const auto through = proxy.host() + "/box:1";
  proxy.set([&hanging](const ServedRequest& request, const Peer& peer, FaultProxy& self) {
    if (!request.is("GET", "/blobs/")) return false;
    const auto reply = self.forward(request);
    if (reply.body.size() < 100000) return false; // the config
    peer.send(reply.head + reply.body.substr(0, 100000));
    ++hanging;
    peer.hang();
    --hanging;
    return true;
  });
  const auto partial = [this] {
    std::uintmax_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(daemon.data_root() + "/content/partial"))
      bytes += entry.file_size();
    return bytes;
  };
  auto argv = daemon.gantry_argv({"pull", through});
  if (!ours()) argv = {std::string(GetParam()) == "docker" ? "docker" : client_20_10(), "pull", through};
  Command pulling(argv, daemon.client());
  ASSERT_TRUE(eventually([&] { return partial() == 100000; }));
  pulling.signal(SIGINT); // Ctrl-C
  EXPECT_NE(pulling.finish().code, 0);
  EXPECT_TRUE(eventually([&] { return hanging == 0; })) << "the daemon lets go of the registry";
  EXPECT_EQ(partial(), 100000u);

  Command again(argv, daemon.client());
  ASSERT_TRUE(eventually([&] { return proxy.server().count("GET", "/blobs/") >= 4; }));
  daemon.kill(); // in the middle of it
  again.finish();
  daemon.start();
  EXPECT_EQ(cli({"images", "-q", through}).out, "");
  proxy.set(nullptr);
  proxy.server().clear_requests();
  const auto o = cli({"pull", through});
  EXPECT_EQ(o.code, 0) << o.err;
  bool resumed = false;
  for (const auto& request : proxy.server().requests()) resumed = resumed || request.header("range") == "bytes=100000-";
  EXPECT_TRUE(resumed);
  EXPECT_EQ(cli({"run", "--rm", "--network", "none", through, "echo", "whole"}).out, "whole\n");
}

INSTANTIATE_TEST_SUITE_P(All, Registries, testing::Values("docker", "debian_20_10", "gantry"),
                         [](const auto& param) { return std::string(param.param); });

TEST(RegistriesPy, docker_py_pulls_pushes_and_logs_in) {
  if (auto why = need_root() + need_busybox() + need_registry(); !why.empty()) GTEST_SKIP() << why;
  if (run({"python3", "-c", "import docker"}).code != 0) GTEST_SKIP() << "needs python3-docker";
  RegistryProcess server(RegistryProcess::Auth::basic);
  Daemon daemon;
  daemon.start();
  import_busybox(daemon);
  const std::string script = R"(
import docker, sys
host = sys.argv[1]
client = docker.from_env()
auth = {"username": "user", "password": "secret"}
assert client.login("user", "secret", registry=host)["Status"] == "Login Succeeded"
try:
    client.login("user", "wrong", registry=host, reauth=True)
    raise SystemExit("a wrong password was accepted")
except docker.errors.APIError as e:
    assert e.response.status_code == 401, e
client.images.get("busybox").tag(host + "/box", "1")
lines = list(client.images.push(host + "/box", "1", auth_config=auth, stream=True, decode=True))
digest = [l["aux"]["Digest"] for l in lines if "aux" in l][0]
client.images.remove(host + "/box:1")
client.images.remove("busybox", force=True)
image = client.images.pull(host + "/box", "1", auth_config=auth)
assert image.tags == [host + "/box:1"], image.tags
data = client.images.get_registry_data(host + "/box:1", auth_config=auth)
assert data.id == digest, (data.id, digest)
assert data.attrs["Platforms"][0]["os"] == "linux"
try:
    client.images.pull(host + "/nope", "1", auth_config=auth)
    raise SystemExit("an image that is not there was pulled")
except docker.errors.NotFound as e:
    assert "manifest unknown" in str(e)
print("done")
)";
  const auto o = run({"python3", "-c", script, server.host()}, daemon.client());
  EXPECT_EQ(o.out, "done\n") << o.err;
}

TEST(RegistriesApi, distribution_tells_what_a_name_points_to) {
  if (auto why = need_root() + need_busybox() + need_registry(); !why.empty()) GTEST_SKIP() << why;
  RegistryProcess server;
  Daemon daemon;
  daemon.start();
  import_busybox(daemon);
  const auto name = server.host() + "/x:1";
  daemon.gantry({"tag", "busybox", name});
  ASSERT_EQ(daemon.gantry({"push", "-q", name}).code, 0);
  HttpClient http(daemon.socket());
  auto reply = http.get("/v1.51/distribution/" + name + "/json");
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(has(reply.body, R"("mediaType":"application/vnd.docker.distribution.manifest.v2+json","digest":"sha256:)"))
      << reply.body;
  EXPECT_TRUE(has(reply.body, R"("os":"linux")")) << reply.body;
  reply = http.get("/v1.51/distribution/" + server.host() + "/x:nope/json");
  EXPECT_EQ(reply.status, 404);
  EXPECT_TRUE(has(reply.body, "manifest unknown: manifest unknown")) << reply.body;
}

} // namespace
} // namespace gantry::test
