#include <unistd.h>

#include "images/digest.hpp"
#include "images/image_store.hpp"
#include "images/layer_recipe.hpp"
#include "images/store_budget.hpp"
#include "service_fixture.hpp"

namespace gantry::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t never = INT64_MAX;

/// Images a, b and c, in the order of their last use, with a layer of about 100 kB each and one that all share.
class Budget : public ImagesTest {
 protected:
  void SetUp() override {
    for (const char* name : {"a", "b", "c"})
      load(docker_archive({layer_tar(shared), layer_tar(std::string(100000, *name))}, {std::string(name) + ":1"}));
    events.clear();
  }
  std::uint64_t bytes() const {
    return images::bytes_of(*service->store().catalogue(),
                            [this](const auto& layer) { return images::blob_bytes(paths, layer); });
  }
  /// Names of what goes when so many bytes may stay.
  std::vector<std::string> keep(std::uint64_t wanted, std::int64_t used_after_ns = never, bool dry_run = false) {
    std::vector<std::string> names;
    report = images::keep_budget(*service, {wanted, used_after_ns}, dry_run);
    for (const auto& one : report.deleted)
      names.push_back(one.image->repo_tags.empty() ? one.image->id : one.image->repo_tags[0]);
    return names;
  }
  std::string id(const std::string& name) const { return service->resolve(name)->id; }
  const std::string shared = std::string(50000, 's');
  images::BudgetReport report;
};

TEST_F(Budget, deletes_the_least_recently_used_until_the_rest_fits) {
  const auto before = bytes(), one = 2 * layer_tar(std::string(100000, 'a')).size();
  const auto a = id("a:1");
  EXPECT_THAT(keep(before), IsEmpty());
  EXPECT_THAT(keep(before - 1), ElementsAre("a:1"));
  EXPECT_EQ(report.bytes, before);
  EXPECT_EQ(report.freed, one);
  EXPECT_EQ(bytes(), before - one);
  EXPECT_THAT(events, ElementsAre("untag " + a, "delete " + a));
  service->store().touch(id("b:1"));
  EXPECT_THAT(keep(before - one - 1), ElementsAre("c:1"));
  EXPECT_THAT(keep(1), ElementsAre("b:1"));
  EXPECT_EQ(bytes(), 0u);
  expect_nothing_left();
}

TEST_F(Budget, without_a_size_keeps_everything) { EXPECT_THAT(keep(0), IsEmpty()); }

TEST_F(Budget, a_dry_run_only_tells) {
  const auto before = bytes();
  EXPECT_THAT(keep(1, never, true), ElementsAre("a:1", "b:1", "c:1"));
  EXPECT_EQ(report.freed, before);
  EXPECT_EQ(bytes(), before);
  EXPECT_THAT(events, IsEmpty());
}

TEST_F(Budget, keeps_what_was_used_lately) {
  const auto limit = service->resolve("a:1")->last_used_ns;
  EXPECT_THAT(keep(1, limit), ElementsAre("a:1"));
  EXPECT_THAT(keep(1, limit), IsEmpty());
}

TEST_F(Budget, keeps_what_containers_use) {
  users = {{"d2b1700df712171ffa96846f1ecdbf16227fd232253faf0fa37c8c185c4d8edd", false}};
  EXPECT_THAT(keep(1), IsEmpty());
}

TEST_F(Budget, keeps_what_something_works_on) {
  const images::ImageStore::Lease work(service->store(), service->resolve("a:1")->chains);
  EXPECT_THAT(keep(1), ElementsAre("b:1", "c:1"));
  EXPECT_TRUE(service->get(id("a:1")));
}

TEST_F(Budget, does_not_count_what_only_the_build_cache_has) {
  const auto chains = service->resolve("a:1")->chains;
  const images::ImageStore::Lease cache(service->store(), chains, images::ImageStore::Purpose::cache);
  EXPECT_THAT(keep(1), ElementsAre("a:1", "b:1", "c:1"));
  EXPECT_TRUE(service->store().catalogue()->layers.contains(chains.back()));
  EXPECT_THAT(keep(1), IsEmpty());
}

TEST_F(Budget, deletes_children_before_their_parents) {
  images::CommitOptions options;
  options.parent = id("a:1");
  options.repo = "child";
  options.config = Json::object();
  service->commit(options, [](int out) {
    const std::string nothing(1024, '\0');
    EXPECT_EQ(::write(out, nothing.data(), nothing.size()), 1024);
    return AppliedLayer{images::sha256_of(nothing), 0};
  });
  EXPECT_THAT(keep(1), ElementsAre("b:1", "c:1", "child:latest", "a:1"));
  expect_nothing_left();
}

TEST_F(Budget, counts_a_blob_that_was_not_yet_made_as_its_recipe) {
  const auto before = bytes(), content = layer_tar(std::string(100000, 'n')).size();
  images::CommitOptions options;
  options.parent = id("c:1");
  options.repo = "child";
  options.config = Json::object();
  service->commit(options, [&](int out) {
    const auto tar = layer_tar(std::string(100000, 'n'));
    EXPECT_EQ(::write(out, tar.data(), tar.size()), static_cast<ssize_t>(tar.size()));
    return AppliedLayer{};
  });
  EXPECT_LT(bytes(), before + content + 5000);
  const auto layer = service->store().catalogue()->layers.at(service->resolve("child")->top_layer);
  images::make_blob(*service, layer, [] {});
  EXPECT_GT(bytes(), before + 2 * content);
}

TEST_F(Budget, with_the_last_use_in_mind_after_a_restart) {
  const auto used = service->resolve("c:1")->last_used_ns;
  reopen();
  EXPECT_EQ(service->resolve("c:1")->last_used_ns, used);
  EXPECT_THAT(keep(1, service->resolve("b:1")->last_used_ns), ElementsAre("a:1", "b:1"));
}

} // namespace
} // namespace gantry::test
