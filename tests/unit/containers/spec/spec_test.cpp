#include <gmock/gmock.h>

#include "sample.hpp"

namespace gantry::containers::test {
namespace {

TEST(Spec, is_confined_by_default) {
  const Json spec = make_spec(sample_container(), sample_context());
  EXPECT_EQ(spec["hostname"], "3ba64eeca0ff");
  EXPECT_EQ(spec["root"]["readonly"], false);
  EXPECT_EQ(spec["process"]["cwd"], "/");
  EXPECT_EQ(spec["process"]["capabilities"]["bounding"].size(), 14U);
  EXPECT_FALSE(spec["process"]["capabilities"].contains("ambient"));
  EXPECT_FALSE(spec["process"].contains("noNewPrivileges"));
  EXPECT_EQ(spec["linux"]["cgroupsPath"], "/gantry/3ba64eeca0ff");
  EXPECT_EQ(spec["linux"]["readonlyPaths"].size(), 5U);
  EXPECT_THAT(spec["linux"]["maskedPaths"], ::testing::Contains("/proc/kcore"));
  EXPECT_TRUE(spec["linux"].contains("seccomp"));
}

TEST(Spec, privileged_lifts_everything) {
  Container container = sample_container();
  container.host_config.privileged = true;
  const Json spec = make_spec(container, sample_context());
  EXPECT_EQ(spec["process"]["capabilities"]["bounding"].size(), 15U);
  EXPECT_FALSE(spec["linux"].contains("maskedPaths"));
  EXPECT_FALSE(spec["linux"].contains("readonlyPaths"));
  EXPECT_FALSE(spec["linux"].contains("seccomp"));
}

TEST(Spec, security_options_take_effect) {
  Container container = sample_container();
  container.host_config.security_opt = {"no-new-privileges", "seccomp=unconfined", "apparmor=mine", "systempaths=unconfined"};
  SpecContext context = sample_context();
  context.apparmor = true;
  const Json spec = make_spec(container, context);
  EXPECT_EQ(spec["process"]["noNewPrivileges"], true);
  EXPECT_EQ(spec["process"]["apparmorProfile"], "mine");
  EXPECT_FALSE(spec["linux"].contains("seccomp"));
  EXPECT_FALSE(spec["linux"].contains("maskedPaths"));
}

TEST(Spec, no_new_privileges_can_be_the_daemons_default) {
  SpecContext context = sample_context();
  context.no_new_privileges = true;
  Container container = sample_container();
  EXPECT_EQ(make_spec(container, context)["process"]["noNewPrivileges"], true);
  container.host_config.security_opt = {"no-new-privileges=false"};
  EXPECT_FALSE(make_spec(container, context)["process"].contains("noNewPrivileges"));
}

TEST(Spec, paths_can_be_overridden) {
  Container container = sample_container();
  container.host_config.masked_paths = StringList{"/proc/x"};
  container.host_config.readonly_paths = StringList{};
  const Json spec = make_spec(container, sample_context());
  EXPECT_EQ(spec["linux"]["maskedPaths"], Json::array({"/proc/x"}));
  EXPECT_EQ(spec["linux"]["readonlyPaths"], Json::array());
}

TEST(Spec, the_hosts_uts_namespace_keeps_its_name) {
  Container container = sample_container();
  container.host_config.uts_mode = "host";
  EXPECT_FALSE(make_spec(container, sample_context()).contains("hostname"));
}

TEST(Spec, a_shared_mount_makes_the_root_shared) {
  SpecContext context = sample_context();
  context.mounts = {{{"destination", "/m"}, {"type", "bind"}, {"source", "/m"}, {"options", {"rbind", "rshared"}}}};
  EXPECT_EQ(make_spec(sample_container(), context)["linux"]["rootfsPropagation"], "shared");
}

TEST(Spec, annotations_are_passed_on) {
  Container container = sample_container();
  container.host_config.annotations = {{"a", "b"}};
  EXPECT_EQ(make_spec(container, sample_context())["annotations"], Json({{"a", "b"}}));
}

} // namespace
} // namespace gantry::containers::test
