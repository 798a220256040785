#include "build/prune.hpp"

#include "images/digest.hpp"
#include "unit/base/temp_dir.hpp"
#include "unit/images/service_fixture.hpp"

namespace gantry::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Steps "a", "b" and "c" of 100 bytes each, used in that order.
class Cache : public ImagesTest {
 protected:
  void SetUp() override {
    restart();
    for (const char* key : {"a", "b", "c"}) cache->put(key, "", key, config_for({layer_tar(key)}), 100);
  }
  void restart() {
    cache.reset();
    cache = std::make_unique<build::BuildCache>(*database, service->store());
  }
  void TearDown() override { cache.reset(); }
  std::vector<std::string> prune(std::uint64_t keep, bool dry_run = false, std::int64_t unused_ns = 0) {
    report = build::prune(*cache, mounts, {unused_ns, keep, {}, dry_run});
    return report.deleted;
  }
  std::unique_ptr<build::BuildCache> cache;
  TempDir mounts_root;
  build::CacheMounts mounts{mounts_root.path()};
  build::PruneReport report;
};

TEST_F(Cache, keeps_a_budget_and_what_was_used_last) {
  EXPECT_THAT(prune(300), IsEmpty());
  EXPECT_THAT(prune(250), ElementsAre("a"));
  EXPECT_EQ(report.held, 300u);
  EXPECT_EQ(report.reclaimed, 100u);
  EXPECT_THAT(prune(100), ElementsAre("b"));
}

TEST_F(Cache, steps_go_before_those_that_they_went_on_from) {
  prune(0);
  const auto first = config_for({layer_tar("p")}), second = config_for({layer_tar("p")}, {{"User", "x"}});
  cache->put("first", "", "COPY", first, 100);
  cache->put("second", images::sha256_of(first), "USER", second, 0);
  EXPECT_THAT(prune(50), ElementsAre("second", "first"));
  EXPECT_THAT(cache->list(), IsEmpty());
}

TEST_F(Cache, a_dry_run_only_tells) {
  EXPECT_THAT(prune(100, true), ElementsAre("a", "b"));
  EXPECT_EQ(report.reclaimed, 200u);
  EXPECT_EQ(cache->list().size(), 3u);
  restart();
  EXPECT_EQ(cache->list().size(), 3u);
}

TEST_F(Cache, what_was_used_lately_stays_whatever_the_budget) { EXPECT_THAT(prune(1, false, 3'600'000'000'000), IsEmpty()); }

TEST_F(Cache, remembers_the_last_use_over_a_restart) {
  load(docker_archive({layer_tar("a")}, {"a:1"})); // an entry is found while its layers are there
  const auto used = cache->list()[0].used_ns;
  ASSERT_TRUE(cache->find("a"));
  restart();
  EXPECT_GT(cache->list()[0].used_ns, used);
  EXPECT_EQ(cache->list()[0].usage_count, 1);
  service->remove("a:1", false, true);
  EXPECT_THAT(prune(100), ElementsAre("b", "c"));
}

} // namespace
} // namespace gantry::test
