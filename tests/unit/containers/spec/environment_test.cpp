#include <gmock/gmock.h>

#include "containers/spec/process.hpp"
#include "sample.hpp"

namespace gantry::containers::test {
namespace {

using ::testing::ElementsAre;

constexpr const char* path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

TEST(SpecEnvironment, has_path_and_hostname) {
  EXPECT_THAT(make_environment(sample_container(), false), ElementsAre(path, "HOSTNAME=3ba64eeca0ff"));
}

TEST(SpecEnvironment, has_term_with_a_terminal) {
  EXPECT_THAT(make_environment(sample_container(), true), ElementsAre(path, "HOSTNAME=3ba64eeca0ff", "TERM=xterm"));
}

TEST(SpecEnvironment, is_replaced_in_place_and_appended_in_order) {
  Container container = sample_container();
  container.config.env = {"B=1", "PATH=/bin", "A=2", "B=3"};
  EXPECT_THAT(make_environment(container, false), ElementsAre("PATH=/bin", "HOSTNAME=3ba64eeca0ff", "B=3", "A=2"));
}

TEST(SpecEnvironment, a_name_alone_unsets) {
  Container container = sample_container();
  container.config.env = {"PATH", "HOSTNAME="};
  EXPECT_THAT(make_environment(container, false), ElementsAre("HOSTNAME="));
}

TEST(SpecProcess, init_is_put_before_the_command) {
  Container container = sample_container();
  container.host_config.init = true;
  const Json spec = make_spec(container, sample_context());
  EXPECT_EQ(spec["process"]["args"], Json::array({"/sbin/docker-init", "--", "sleep", "100"}));
  EXPECT_EQ(mount_at(spec, "/sbin/docker-init")["options"], Json::array({"bind", "ro"}));
}

TEST(SpecProcess, init_needs_a_pid_namespace_of_the_containers_own) {
  Container container = sample_container();
  container.host_config.init = true;
  container.host_config.pid_mode = "host";
  EXPECT_EQ(make_spec(container, sample_context())["process"]["args"], Json::array({"sleep", "100"}));
}

TEST(SpecProcess, limits_are_the_users_over_the_daemons) {
  Container container = sample_container();
  container.host_config.resources.ulimits = {{"nofile", 20, 10}, {"core", -1, -1}};
  SpecContext context = sample_context();
  context.default_ulimits = {{"nofile", 5, 5}, {"nproc", 7, 6}};
  const Json limits = make_spec(container, context)["process"]["rlimits"];
  ASSERT_EQ(limits.size(), 3U);
  EXPECT_EQ(limits[0], Json({{"type", "RLIMIT_NOFILE"}, {"hard", 20}, {"soft", 10}}));
  EXPECT_EQ(limits[1]["hard"], 18446744073709551615ULL);
  EXPECT_EQ(limits[2]["type"], "RLIMIT_NPROC");
}

TEST(SpecProcess, an_unknown_limit_is_refused) {
  Container container = sample_container();
  container.host_config.resources.ulimits = {{"foo", 1, 1}};
  EXPECT_EQ(refusal([&] { make_spec(container, sample_context()); }), "wrong rlimit value: RLIMIT_FOO");
}

TEST(SpecProcess, a_soft_limit_above_the_hard_one_is_refused) {
  Container container = sample_container();
  container.host_config.resources.ulimits = {{"nofile", 10, 20}};
  EXPECT_EQ(refusal([&] { make_spec(container, sample_context()); }),
            "ulimit soft limit must be less than or equal to hard limit: 20 > 10");
}

TEST(SpecExec, takes_environment_and_directory_of_the_container) {
  Container container = sample_container();
  container.config.env = {"A=1"};
  container.config.working_dir = "/srv";
  const Json process = make_exec_process(container, sample_context(), {"ls"}, {"A=2", "B=3"}, "", true, false);
  EXPECT_EQ(process["args"], Json::array({"ls"}));
  EXPECT_EQ(process["cwd"], "/srv");
  EXPECT_EQ(process["env"], Json::array({path, "HOSTNAME=3ba64eeca0ff", "TERM=xterm", "A=2", "B=3"}));
  EXPECT_EQ(process["terminal"], true);
}

TEST(SpecExec, privileged_gets_all_capabilities) {
  const Json process = make_exec_process(sample_container(), sample_context(), {"ls"}, {}, "", false, true);
  EXPECT_EQ(process["capabilities"]["effective"].size(), 15U);
}

} // namespace
} // namespace gantry::containers::test
