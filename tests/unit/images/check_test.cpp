#include "images/check.hpp"

#include <fstream>

#include "service_fixture.hpp"

namespace gantry::test {
namespace {

class CheckCall final : public Call {
 public:
  bool cancelled() const override { return false; }
  int cancel_fd() const override { return -1; }
  std::int64_t deadline_ns() const override { return 0; }
  void progress(std::uint64_t, std::uint64_t) override {}
};

class StoreCheck : public ImagesTest {
 protected:
  StoreCheck() { load(docker_archive({layer_tar("one"), layer_tar("two")}, {"a:1"})); }

  std::string base() const { return service->resolve("a:1")->chains[0]; }
  std::string top() const { return service->resolve("a:1")->chains[1]; }

  /// "kind problem", with a mark behind what was repaired.
  std::vector<std::string> problems(bool repair = false) {
    std::vector<std::string> found;
    for (const auto& one : images::check_store(*service, paths, repair).problems)
      found.push_back(one.kind + ' ' + one.problem + (one.repaired ? " (repaired)" : ""));
    return found;
  }
  void damage_blob() {
    for (const auto& entry : std::filesystem::directory_iterator(paths.blobs())) {
      std::ofstream(entry.path(), std::ios::app) << "x";
      return;
    }
  }

  CheckCall call;
};

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

TEST_F(StoreCheck, of_a_sound_store_finds_nothing) {
  const auto report = images::check_store(*service, paths, false);
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_EQ(report.images, 1u);
  EXPECT_EQ(report.layers, 2u);
  EXPECT_EQ(report.blobs, 2u);
  EXPECT_GT(report.bytes, 0u);
  EXPECT_EQ(storage.active(), 0u) << "what was unpacked for the comparison is gone";
}

TEST_F(StoreCheck, tells_a_layer_that_is_not_what_its_blob_says_and_makes_it_anew) {
  storage.damage(base());
  EXPECT_THAT(problems(), ElementsAre("layer its files are not those of its blob"));
  EXPECT_THAT(problems(true), ElementsAre("layer its files are not those of its blob (repaired)"));
  EXPECT_THAT(problems(), IsEmpty());
  EXPECT_EQ(storage.committed().size(), 2u);
}

TEST_F(StoreCheck, brings_lost_layers_back) {
  storage.lose(top());
  storage.lose(base());
  EXPECT_THAT(problems(true), ElementsAre("layer the storage driver does not have it (repaired)",
                                          "layer the storage driver does not have it (repaired)"));
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(StoreCheck, leaves_layers_alone_that_a_container_builds_on) {
  storage.prepare(call, "container", top(), {});
  storage.damage(base());
  EXPECT_THAT(problems(true), ElementsAre("layer its files are not those of its blob"));
  const auto remedy = images::check_store(*service, paths, true).problems.at(0).remedy;
  EXPECT_EQ(remedy, "remove the container container, which uses it, and check again with --repair");
}

TEST_F(StoreCheck, tells_a_damaged_blob) {
  damage_blob();
  EXPECT_THAT(problems(true), ElementsAre(StartsWith("blob its bytes have the digest sha256:")));
}

TEST_F(StoreCheck, tells_a_missing_blob) {
  for (const auto& entry : std::filesystem::directory_iterator(paths.blobs())) std::filesystem::remove(entry.path());
  EXPECT_EQ(problems().size(), 2u);
}

TEST_F(StoreCheck, removes_what_no_image_knows) {
  storage.prepare(call, "k1", "", {});
  storage.commit(call, "orphan", "k1", "");
  std::ofstream(paths.blob("sha256:" + std::string(64, 'a'))) << "x";
  EXPECT_THAT(problems(), ElementsAre("blob no image knows it", "layer no image knows it"));
  EXPECT_THAT(problems(true), ElementsAre("blob no image knows it (repaired)", "layer no image knows it (repaired)"));
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(StoreCheck, tells_a_configuration_that_is_not_the_images) {
  database->transaction([](auto& t) { t.run("UPDATE images SET config = config || ' '"); });
  reopen();
  EXPECT_THAT(problems(), ElementsAre(StartsWith("image its configuration has the digest sha256:")));
}

TEST_F(StoreCheck, tells_an_image_whose_layer_has_no_row) {
  database->transaction([this](auto& t) { t.prepare("DELETE FROM layers WHERE chain = ?").bind(1, top()).step(); });
  EXPECT_NO_THROW(reopen()) << "the rest stays usable";
  EXPECT_THAT(problems(), ::testing::Contains(StartsWith("image its layer ")));
}

} // namespace
} // namespace gantry::test
