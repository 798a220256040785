#include "cli/credentials/config_file.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "cli/credentials/base64.hpp"
#include "cli/credentials/registry_auth.hpp"
#include "cli/failure.hpp"
#include "invocation.hpp"

namespace gantry::cli::test {
namespace {

class ConfigFileTest : public testing::Test {
 protected:
  ConfigFileTest() {
    char name[] = "/tmp/gantry-config-XXXXXX";
    dir_ = ::mkdtemp(name);
    ::setenv("DOCKER_CONFIG", dir_.c_str(), 1);
    ::unsetenv("GANTRY_CONFIG");
  }
  ~ConfigFileTest() override {
    ::unsetenv("DOCKER_CONFIG");
    std::filesystem::remove_all(dir_);
  }
  void write(const std::string& text) { std::ofstream(dir_ + "/config.json") << text; }
  Json read() { return Json::parse(std::ifstream(dir_ + "/config.json")); }

  std::string dir_;
};

TEST_F(ConfigFileTest, keeps_a_login_and_everything_else_in_the_file) {
  write(R"({"HttpHeaders":{"X":"y"},"auths":{"other":{"auth":"YTpi"}}})");
  EXPECT_TRUE(ConfigFile().store("host:5000", {"user", "pass:word", ""}));
  EXPECT_EQ(read()["HttpHeaders"]["X"], "y");
  const auto login = ConfigFile().login("host:5000");
  EXPECT_EQ(login.username, "user");
  EXPECT_EQ(login.password, "pass:word");
  EXPECT_EQ(ConfigFile().login("other").password, "b");
  EXPECT_TRUE(ConfigFile().erase("host:5000"));
  EXPECT_FALSE(ConfigFile().erase("host:5000"));
  EXPECT_TRUE(ConfigFile().login("host:5000").empty());
  EXPECT_TRUE(read()["auths"].contains("other"));
}

TEST_F(ConfigFileTest, a_new_file_is_for_its_owner_only) {
  ConfigFile().store("host", {"u", "p", ""});
  struct stat info {};
  ASSERT_EQ(::stat((dir_ + "/config.json").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(ConfigFileTest, finds_a_host_in_any_spelling) {
  write(R"({"auths":{"https://registry.test/v1/":{"auth":"dTpw"}}})");
  EXPECT_EQ(ConfigFile().login("registry.test").username, "u");
  EXPECT_EQ(server_key("docker.io"), "https://index.docker.io/v1/");
  EXPECT_EQ(server_key(""), "https://index.docker.io/v1/");
  EXPECT_EQ(server_key("registry.test:5000"), "registry.test:5000");
}

TEST_F(ConfigFileTest, an_identity_token_takes_the_place_of_the_password) {
  ConfigFile().store("host", {"user", "", "token"});
  EXPECT_EQ(ConfigFile().login("host").identity_token, "token");
  EXPECT_EQ(auth_config("host", ConfigFile().login("host"))["identitytoken"], "token");
}

TEST_F(ConfigFileTest, a_helper_keeps_logins_instead) {
  const auto program = dir_ + "/docker-credential-test";
  std::ofstream(program) << "#!/bin/sh\nkeep=" << dir_ << R"(/kept
case $1 in
  store) cat >"$keep" ;;
  get) read server; [ -e "$keep" ] || { echo "credentials not found in native keychain"; exit 1; }; cat "$keep" ;;
  erase) rm "$keep" 2>/dev/null || { echo "credentials not found in native keychain"; exit 1; } ;;
esac
)";
  ::chmod(program.c_str(), 0755);
  const std::string path = ::getenv("PATH");
  ::setenv("PATH", (dir_ + ":" + path).c_str(), 1);
  write(R"({"credsStore":"test"})");
  EXPECT_TRUE(ConfigFile().login("host").empty());
  EXPECT_FALSE(ConfigFile().store("host", {"user", "secret", ""}));
  EXPECT_EQ(read()["auths"]["host"], Json::object());
  EXPECT_EQ(ConfigFile().login("host").password, "secret");
  EXPECT_TRUE(ConfigFile().erase("host"));
  EXPECT_TRUE(ConfigFile().login("host").empty());
  write(R"({"credHelpers":{"host":"no-such-helper"}})");
  EXPECT_NE(message_of([] { ConfigFile().login("host"); }).find("docker-credential-no-such-helper"), std::string::npos);
  ::setenv("PATH", path.c_str(), 1);
}

TEST_F(ConfigFileTest, a_broken_file_is_an_error_but_stops_no_pull) {
  write("{");
  EXPECT_NE(message_of([] { ConfigFile(); }).find("config.json"), std::string::npos);
  EXPECT_EQ(registry_auth_header("x"), base64_encode("{}", true));
}

} // namespace
} // namespace gantry::cli::test
