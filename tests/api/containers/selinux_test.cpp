// What the API says of SELinux on a kernel without a policy; the vm lane has one with (tests/vm/selinux.sh).
#include <filesystem>

#include <nlohmann/json.hpp>

#include "support/api_test.hpp"

namespace gantry::test {
namespace {

class SelinuxLessDaemon : public testing::Test {
 protected:
  void SetUp() override {
    if (auto why = need_root(); !why.empty()) GTEST_SKIP() << why;
    if (std::filesystem::exists("/sys/fs/selinux/enforce")) GTEST_SKIP() << "needs a kernel without an SELinux policy";
    daemon_.start();
  }
  nlohmann::json get(const std::string& target) { return nlohmann::json::parse(HttpClient(daemon_.socket()).get(target).body); }
  HttpReply create(const std::string& name, const std::string& host_config) {
    return HttpClient(daemon_.socket())
        .post_json("/containers/create?name=" + name,
                   R"({"Image":"gantry/hello","Cmd":["true"],"HostConfig":)" + host_config + "}");
  }

  Daemon daemon_{{"--selinux-enabled"}};
};

TEST_F(SelinuxLessDaemon, warns_and_goes_on_as_dockerd_does) {
  EXPECT_NE(daemon_.log().find("could not enable SELinux on the host system"), std::string::npos) << daemon_.log();
  EXPECT_EQ(get("/info")["SecurityOptions"].dump().find("selinux"), std::string::npos);
}

TEST_F(SelinuxLessDaemon, takes_all_label_options_and_labels_nothing) {
  const std::string options = R"(["label=type:x_t","label:level:s0","label=nonsense","disable"])";
  ASSERT_EQ(create("one", R"({"NetworkMode":"none","SecurityOpt":)" + options + "}").status, 201);
  const auto one = get("/containers/one/json");
  EXPECT_EQ(one["ProcessLabel"], "");
  EXPECT_EQ(one["MountLabel"], "");
  EXPECT_EQ(one["HostConfig"]["SecurityOpt"], nlohmann::json::parse(options));
  EXPECT_EQ(HttpClient(daemon_.socket()).post("/containers/one/start").status, 204);

  ASSERT_EQ(create("bind", R"({"NetworkMode":"none","Binds":["/etc:/mnt:Z","volume:/v:z"]})").status, 201);
  EXPECT_EQ(HttpClient(daemon_.socket()).post("/containers/bind/start").status, 204) << "/etc is not labelled, nor refused";
}

TEST_F(SelinuxLessDaemon, adds_dockers_word_where_docker_does) {
  const struct {
    const char *host_config, *options;
  } rows[] = {{R"({"Privileged":true})", R"(["label=disable"])"},
              {R"({"Privileged":true,"SecurityOpt":["disable"]})", R"(["disable","label=disable"])"},
              {R"({"Privileged":true,"SecurityOpt":["label:type:x"]})", R"(["label:type:x","label=disable"])"},
              {R"({"Privileged":true,"SecurityOpt":["label=bad"]})", R"(["label=bad"])"},
              {R"({"PidMode":"host"})", R"(["label=disable"])"},
              {R"({"IpcMode":"host"})", R"(["label=disable"])"},
              {R"({"IpcMode":"private"})", "null"}};
  int n = 0;
  for (const auto& row : rows) {
    const std::string name = "c" + std::to_string(n++);
    ASSERT_EQ(create(name, row.host_config).status, 201) << row.host_config;
    EXPECT_EQ(get("/containers/" + name + "/json")["HostConfig"]["SecurityOpt"], nlohmann::json::parse(row.options))
        << row.host_config;
  }
}

} // namespace
} // namespace gantry::test
