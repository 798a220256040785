// Where base images and steps come from: the registry, images of other builds, other platforms.
#include <gmock/gmock.h>

#include <optional>

#include "api/build/fixture.hpp"
#include "support/registry.hpp"

namespace gantry::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class BuildOrigins : public BuildTest {
 protected:
  void make_base(const std::string& name, const std::string& content) {
    EXPECT_THAT(build("FROM busybox\nRUN echo " + content + " > /version\n", "&t=" + name), HasSubstr("Successfully tagged"));
  }
  Json layers(const std::string& name) { return get("/images/" + name + "/json")["RootFS"]["Layers"]; }
};

TEST_F(BuildOrigins, pull_looks_for_a_newer_base) {
  if (auto why = need_registry(); !why.empty()) GTEST_SKIP() << why;
  std::optional<RegistryProcess> registry(std::in_place);
  const std::string base = registry->host() + "/base:1", dockerfile = "FROM " + base + "\nRUN cat /version\n";
  make_base(base, "newer");
  ASSERT_EQ(daemon().gantry({"push", base}).code, 0);
  make_base(base, "local");
  EXPECT_THAT(build(dockerfile), HasSubstr("local\\n"));
  const std::string pulled = build(dockerfile, "&pull=1");
  EXPECT_THAT(pulled, HasSubstr("Pulling from base"));
  EXPECT_THAT(pulled, HasSubstr("newer\\n"));
  ASSERT_EQ(client().del("/images/" + base + "?force=1").status, 200);
  EXPECT_THAT(build("FROM busybox\nCOPY --from=" + base + " /version /v\nRUN --mount=from=" + base +
                    ",target=/m test $(cat /v) = newer -a $(cat /m/version) = newer\n"),
              HasSubstr("Successfully built"));
  EXPECT_THAT(build("FROM " + registry->host() + "/nope\n"), HasSubstr("errorDetail"));
  // A build with pull fails when the registry does not answer, although the image is there.
  registry.reset();
  EXPECT_THAT(build(dockerfile, "&pull=1"), HasSubstr("errorDetail"));
  EXPECT_THAT(build(dockerfile), HasSubstr("Successfully built"));
}

TEST_F(BuildOrigins, cache_from_takes_steps_over_from_an_image) {
  const std::string dockerfile = "FROM busybox\nRUN echo one > /one\nCOPY a /a\nRUN echo two > /two\nCMD [\"x\"]\n";
  EXPECT_THAT(build(dockerfile, "&t=first&buildargs=%7B%22BUILDKIT_INLINE_CACHE%22%3A%221%22%7D"),
              Not(HasSubstr("not consumed")));
  const Json before = layers("first");
  client().post("/build/prune");
  const std::string query = "&t=second&cachefrom=%5B%22nope%22%2C%22first%22%5D";
  const std::string again = build(dockerfile, query);
  EXPECT_THAT(again, Not(HasSubstr("Running in")));
  EXPECT_EQ(layers("second"), before);
  client().post("/build/prune");
  // What has changed is not taken over, and neither is what comes behind it.
  const std::string changed = build(dockerfile, query, "other");
  EXPECT_THAT(changed, HasSubstr("Using cache"));
  EXPECT_THAT(changed, HasSubstr("Running in"));
  EXPECT_EQ(layers("second")[1], before[1]);
  EXPECT_NE(layers("second")[2], before[2]);
  client().post("/build/prune");
  EXPECT_THAT(build(dockerfile, query + "&nocache=1"), Not(HasSubstr("Using cache")));
}

TEST_F(BuildOrigins, an_inline_cache_brings_every_step_with_the_image) {
  if (auto why = need_registry(); !why.empty()) GTEST_SKIP() << why;
  RegistryProcess registry;
  const std::string name = registry.host() + "/cached:1";
  // Steps that change both files and config, which the history alone does not tell.
  const std::string dockerfile =
      "FROM busybox AS base\nENV A=1\nRUN echo one > /one\nWORKDIR /w\nFROM base\nRUN echo two > /two\nENV B=2\nRUN echo three > "
      "/three\nCMD [\"x\"]\n";
  EXPECT_THAT(build(dockerfile, "&t=" + name + "&buildargs=%7B%22BUILDKIT_INLINE_CACHE%22%3A%221%22%7D"),
              HasSubstr("Successfully tagged"));
  const std::string id = get("/images/" + name + "/json")["Id"];
  ASSERT_EQ(daemon().gantry({"push", name}).code, 0);
  ASSERT_EQ(client().del("/images/" + name + "?force=1").status, 200);
  client().post("/build/prune");
  // It is not here any more, and fetched.
  const std::string query = "&cachefrom=%5B%22" + name + "%22%5D";
  const std::string again = build(dockerfile, "&t=again&buildargs=%7B%22BUILDKIT_INLINE_CACHE%22%3A%221%22%7D" + query);
  EXPECT_THAT(again, HasSubstr("Using cache"));
  EXPECT_THAT(again, Not(HasSubstr("Running in")));
  EXPECT_EQ(get("/images/again/json")["Id"], id);
  client().post("/build/prune");
  // In the middle: the config is what it was at that step.
  const std::string changed = build(
      "FROM busybox AS base\nENV A=1\nRUN echo one > /one\nWORKDIR /w\nFROM base\nRUN echo two > "
      "/two\nRUN echo $A$B; test \"$A$B\" = 1 && pwd && test $(pwd) = /w\n",
      "&t=changed" + query);
  EXPECT_THAT(changed, HasSubstr("Successfully tagged"));
  EXPECT_EQ(layers("changed")[1], layers("again")[1]);
  // What is built on it does not carry its steps on.
  EXPECT_THAT(build("FROM again\nLABEL a=b\n", "&t=above"), HasSubstr("Successfully tagged"));
  EXPECT_THAT(daemon().gantry({"image", "save", "above"}).out, Not(HasSubstr("gantry.build.cache")));
  EXPECT_THAT(daemon().gantry({"image", "save", "again"}).out, HasSubstr("gantry.build.cache.v1"));
}

TEST_F(BuildOrigins, an_image_of_another_platform_is_not_taken) {
  EXPECT_THAT(build("FROM scratch\nCOPY a /a\n", "&t=foreign&platform=linux/s390x"), HasSubstr("Successfully"));
  EXPECT_EQ(get("/images/foreign/json")["Architecture"], "s390x");
  EXPECT_THAT(build("FROM foreign\nLABEL a=b\n"), HasSubstr("Successfully"));
  EXPECT_THAT(build("FROM --platform=linux/s390x foreign\nLABEL a=b\n"), HasSubstr("Successfully"));
  EXPECT_THAT(build("FROM --platform=linux/riscv64 foreign\nLABEL a=b\n"), HasSubstr("errorDetail"));
  EXPECT_THAT(build("FROM foreign\nLABEL a=b\n", "&platform=linux/riscv64"), HasSubstr("errorDetail"));
  const auto refused = client().post("/v1.41/build?remote=http://127.0.0.1:1/x&platform=foo");
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body, HasSubstr("unknown operating system or architecture: invalid argument"));
}

} // namespace
} // namespace gantry::test
