#include <fstream>

#include "registry/credentials.hpp"
#include "registry_fixture.hpp"
#include "support/need.hpp"

namespace gantry::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class RegistryAuth : public RegistryTest {
 protected:
  static registry::Caller user(const std::string& name, const std::string& password) {
    return {{name, password, "", "", ""}, {}};
  }
  std::string login_error(const registry::Credentials& credentials, Code* code = nullptr) {
    try {
      registry::Cancel cancel;
      token = registries->login(credentials, cancel);
      return "";
    } catch (const Error& e) {
      if (code) *code = e.code();
      return e.what();
    }
  }
  std::string token;
};

TEST_F(RegistryAuth, basic_lets_the_right_user_in) {
  RegistryProcess server(RegistryProcess::Auth::basic);
  server.put_archive(docker_archive({layer_tar("one")}, {"x:1"}), "x:1");
  const auto name = server.host() + "/x";
  EXPECT_EQ(pull(name, "1", user("user", "secret")).error, "");
  EXPECT_EQ(push(name, "1", user("user", "secret")).error, "");
  EXPECT_EQ(pull(name, "1", user("user", "wrong")).error, "unauthorized: authentication required");
  EXPECT_EQ(pull(name, "1", user("user", "wrong")).code, Code::unauthorized);
  EXPECT_EQ(push(name, "1").error, "no basic auth credentials");
  EXPECT_EQ(pull(name).error,
            "Head \"http://" + name.substr(0, name.find('/')) + "/v2/x/manifests/1\": no basic auth credentials");
}

TEST_F(RegistryAuth, login_asks_the_registry) {
  RegistryProcess server(RegistryProcess::Auth::basic);
  Code code = Code::unknown;
  EXPECT_EQ(login_error({"user", "secret", "", "", server.host()}), "");
  EXPECT_EQ(login_error({"user", "wrong", "", "", "http://" + server.host() + "/v1/"}, &code),
            "login attempt to http://" + server.host() + "/v2/ failed with status: 401 Unauthorized");
  EXPECT_EQ(code, Code::unauthorized);
}

/// A registry with a token server beside it, which knows user:secret and the refresh token "again".
class TokenRegistry {
 public:
  explicit TokenRegistry(int upstream) : proxy(upstream), tokens([this](const auto& r, const auto& p) { give(r, p); }) {
    proxy.set([this](const ServedRequest& request, const Peer& peer, FaultProxy&) {
      if (request.header("authorization") == "Bearer " + good) return false;
      peer.reply(401,
                 {"WWW-Authenticate: Bearer realm=\"http://" + tokens.host() + "/token\",service=\"test\",scope=\"ignored\""},
                 R"({"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]})");
      return true;
    });
  }

  void give(const ServedRequest& request, const Peer& peer) const {
    const bool known = request.header("authorization") == "Basic " + registry::base64_encode("user:secret") ||
                       request.body.find("refresh_token=again") != std::string::npos;
    if (!known && anonymous.empty()) return peer.reply(401, {}, R"({"details":"incorrect username or password"})");
    peer.reply(200, {}, Json{{"token", known ? good : anonymous}, {"refresh_token", "again"}, {"expires_in", 300}}.dump());
  }

  const std::string good = "good-token";
  std::string anonymous;
  FaultProxy proxy;
  HttpServer tokens;
};

TEST_F(RegistryAuth, a_token_server_gives_tokens_for_what_is_needed) {
  RegistryProcess server;
  server.put_archive(docker_archive({layer_tar("one")}, {"x:1"}), "x:1");
  TokenRegistry with_tokens(server.port());
  const auto name = with_tokens.proxy.host() + "/x";
  EXPECT_EQ(pull(name, "1", user("user", "secret")).error, "");
  ASSERT_EQ(with_tokens.tokens.requests().size(), 1u); // one for everything
  const auto target = with_tokens.tokens.requests()[0].target;
  EXPECT_THAT(target, HasSubstr("service=test"));
  EXPECT_THAT(target, HasSubstr("scope=repository%3Ax%3Apull"));
  EXPECT_THAT(target, HasSubstr("account=user"));
  EXPECT_EQ(push(name, "1", user("user", "secret")).error, "");
  EXPECT_THAT(with_tokens.tokens.requests().back().target, HasSubstr("scope=repository%3Ax%3Apull%2Cpush"));
}

TEST_F(RegistryAuth, an_identity_token_stands_for_the_password) {
  RegistryProcess server;
  server.put_archive(docker_archive({layer_tar("one")}, {"x:1"}), "x:1");
  TokenRegistry with_tokens(server.port());
  EXPECT_EQ(login_error({"user", "secret", "", "", with_tokens.proxy.host()}), "");
  EXPECT_EQ(token, "again");
  EXPECT_THAT(with_tokens.tokens.requests().back().target, HasSubstr("offline_token=true"));
  EXPECT_EQ(pull(with_tokens.proxy.host() + "/x", "1", {{"", "", "again", "", ""}, {}}).error, "");
  EXPECT_EQ(with_tokens.tokens.requests().back().method, "POST");
  EXPECT_EQ(pull(with_tokens.proxy.host() + "/x", "1", {{"", "", "", "good-token", ""}, {}}).error, "");
}

TEST_F(RegistryAuth, a_wrong_password_is_the_token_servers_word) {
  RegistryProcess server;
  TokenRegistry with_tokens(server.port());
  EXPECT_THAT(pull(with_tokens.proxy.host() + "/x", "1", user("user", "wrong")).error,
              HasSubstr("unauthorized: incorrect username or password"));
}

TEST_F(RegistryAuth, a_registry_that_refuses_its_own_tokens_is_asked_twice_only) {
  RegistryProcess server;
  TokenRegistry with_tokens(server.port());
  with_tokens.anonymous = "no-good";
  const auto told = pull(with_tokens.proxy.host() + "/x");
  EXPECT_EQ(told.error, "unauthorized: authentication required");
  EXPECT_LE(with_tokens.tokens.requests().size(), 3u);
  EXPECT_LE(with_tokens.proxy.server().requests().size(), 6u);
}

TEST_F(RegistryAuth, a_redirect_to_another_host_carries_no_credentials) {
  RegistryProcess server;
  server.put_archive(docker_archive({layer_tar("one")}, {"x:1"}), "x:1");
  FaultProxy elsewhere(server.port());
  TokenRegistry with_tokens(server.port());
  with_tokens.proxy.set([&](const ServedRequest& request, const Peer& peer, FaultProxy&) {
    if (request.header("authorization").empty() && request.target != "/v2/") {
      peer.reply(401, {"WWW-Authenticate: Basic realm=\"test\""}, "");
      return true;
    }
    if (request.target.find("/blobs/") == std::string::npos) return false;
    peer.reply(307, {"Location: http://" + elsewhere.host() + request.target}, "");
    return true;
  });
  EXPECT_EQ(pull(with_tokens.proxy.host() + "/x", "1", user("user", "secret")).error, "");
  const auto seen = elsewhere.server().requests();
  ASSERT_FALSE(seen.empty());
  for (const auto& request : seen) EXPECT_EQ(request.header("authorization"), "") << request.line();
}

TEST_F(RegistryAuth, mirrors_are_asked_first_and_hear_no_credentials) {
  RegistryProcess server(RegistryProcess::Auth::basic);
  server.put_archive(docker_archive({layer_tar("one")}, {"x:1"}), "x:1");
  HttpServer broken([](const ServedRequest&, const Peer& peer) { peer.reply(500, {}, "out of order"); });
  settings.mirrors = {server.host() + "=http://" + broken.host()};
  EXPECT_EQ(pull(server.host() + "/x", "1", user("user", "secret")).error, "");
  ASSERT_FALSE(broken.requests().empty());
  for (const auto& request : broken.requests()) EXPECT_EQ(request.header("authorization"), "");

  RegistryProcess open_mirror;
  open_mirror.put_archive(docker_archive({layer_tar("two")}, {"library/only-there:1"}), "library/only-there:1");
  settings.mirrors = {"http://" + open_mirror.host()};
  EXPECT_EQ(pull("only-there").error, "");
  EXPECT_EQ(images->resolve("only-there:1")->repo_tags[0], "only-there:1");
}

/// A registry that is not this machine's as far as its address tells.
class RegistryAway : public RegistryAuth {
 protected:
  void SetUp() override {
    RegistryAuth::SetUp();
    if (auto why = need_root(); !why.empty()) GTEST_SKIP() << why;
    run({"ip", "address", "replace", std::string(RegistryProcess::away) + "/32", "dev", "lo"});
  }
};

TEST_F(RegistryAway, tls_is_verified_with_the_certificates_of_the_registry) {
  RegistryProcess server(RegistryProcess::Auth::none, RegistryProcess::Tls::yes);
  server.put_archive(docker_archive({layer_tar("one")}, {"x:1"}), "x:1");
  const auto name = server.away_host() + "/x";
  EXPECT_THAT(pull(name).error, HasSubstr("x509: certificate signed by unknown authority"));

  const auto dir = root / "certs.d" / server.away_host();
  std::filesystem::create_directories(dir);
  std::filesystem::copy(server.certificate(), dir / "ca.crt");
  settings.cert_dirs = {root / "certs.d"};
  EXPECT_EQ(pull(name).error, "");

  std::ofstream(dir / "client.cert") << "certificate";
  EXPECT_EQ(pull(name, "2").error,
            "missing key client.key for client certificate client.cert. Note that CA certificates should "
            "use the extension .crt");
}

TEST_F(RegistryAway, an_insecure_registry_needs_no_certificate) {
  RegistryProcess server(RegistryProcess::Auth::none, RegistryProcess::Tls::yes), plain;
  server.put_archive(docker_archive({layer_tar("one")}, {"x:1"}), "x:1");
  plain.put_archive(docker_archive({layer_tar("one")}, {"x:1"}), "x:1");
  EXPECT_THAT(pull(plain.away_host() + "/x").error, HasSubstr("http: server gave HTTP response to HTTPS client"));
  settings.insecure = {server.away_host(), std::string(RegistryProcess::away) + "/31"};
  EXPECT_EQ(pull(server.away_host() + "/x").error, "");
  EXPECT_EQ(pull(plain.away_host() + "/x").error, "");
}

TEST_F(RegistryAway, a_proxy_is_used_where_it_is_set) {
  RegistryProcess plain;
  plain.put_archive(docker_archive({layer_tar("one")}, {"x:1"}), "x:1");
  FaultProxy proxy(plain.port());
  settings.insecure = {plain.away_host()};
  settings.http_proxy = "http://" + proxy.host();
  EXPECT_EQ(pull(plain.away_host() + "/x").error, "");
  EXPECT_GT(proxy.server().count("GET", "http://" + plain.away_host() + "/v2/x/blobs/"), 0);
  proxy.server().clear_requests();
  settings.no_proxy = RegistryProcess::away;
  EXPECT_EQ(pull(plain.away_host() + "/x", "nope").code, Code::not_found);
  EXPECT_TRUE(proxy.server().requests().empty());
}

} // namespace
} // namespace gantry::test
