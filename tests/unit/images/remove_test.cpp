#include "base/id.hpp"
#include "service_fixture.hpp"

namespace gantry::test {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class ImageRemove : public ImagesTest {
 protected:
  void SetUp() override {
    load(docker_archive({layer_tar("one"), layer_tar("two")}, {"a:1"}));
    id = service->resolve("a:1")->id;
    events.clear();
  }
  /// "U name" and "D id" lines.
  std::vector<std::string> remove(const std::string& reference, bool force = false) {
    std::vector<std::string> lines;
    for (const auto& record : service->remove(reference, force, true))
      lines.push_back(record.untagged ? "U " + *record.untagged : "D " + *record.deleted);
    return lines;
  }
  std::string id;
};

TEST_F(ImageRemove, by_its_last_name_deletes_image_and_layers_top_first) {
  auto top = "D sha256:" + service->resolve("a:1")->top_layer, base = "D " + service->resolve("a:1")->diff_ids[0];
  EXPECT_THAT(remove("a:1"), ElementsAre("U a:1", "D " + id, top, base));
  EXPECT_THAT(events, ElementsAre("untag " + id, "delete " + id));
  expect_nothing_left();
  reopen();
  expect_nothing_left();
}

TEST_F(ImageRemove, by_one_of_several_names_only_untags) {
  service->tag("a:1", "b", "2");
  EXPECT_THAT(remove("a:1"), ElementsAre("U a:1"));
  EXPECT_THAT(service->get(id)->repo_tags, ElementsAre("b:2"));
}

TEST_F(ImageRemove, by_id_refuses_several_repositories_without_force) {
  service->tag("a:1", "b", "2");
  auto error = error_of([&] { remove(id); });
  EXPECT_EQ(error.code(), Code::in_use);
  EXPECT_EQ(error.what(),
            "conflict: unable to delete " + short_id(id) + " (must be forced) - image is referenced in multiple repositories");
  EXPECT_THAT(remove(id, true), SizeIs(5));
  expect_nothing_left();
}

TEST_F(ImageRemove, keeps_layers_that_another_image_shares) {
  load(docker_archive({layer_tar("one"), layer_tar("three")}, {"b:1"}));
  EXPECT_THAT(remove("a:1"), SizeIs(3));
  EXPECT_THAT(storage.committed(), SizeIs(2));
  EXPECT_EQ(blobs(), 2u);
  remove("b:1");
  expect_nothing_left();
}

TEST_F(ImageRemove, by_name_needs_force_while_a_container_uses_it) {
  users = {{"d2b1700df712171ffa96846f1ecdbf16227fd232253faf0fa37c8c185c4d8edd", false}};
  EXPECT_EQ(error_of([&] { remove("a:1"); }).what(),
            "conflict: unable to remove repository reference \"a:1\" (must force) - container d2b1700df712 is using its "
            "referenced image " +
                short_id(id));
  EXPECT_EQ(
      error_of([&] { remove(short_id(id)); }).what(),
      "conflict: unable to delete " + short_id(id) + " (must be forced) - image is being used by stopped container d2b1700df712");
  remove("a:1", true);
  expect_nothing_left();
}

TEST_F(ImageRemove, never_deletes_the_image_of_a_running_container) {
  users = {{"d2b1700df712171ffa96846f1ecdbf16227fd232253faf0fa37c8c185c4d8edd", true}};
  EXPECT_EQ(error_of([&] { remove(id, true); }).what(),
            "conflict: unable to delete " + short_id(id) +
                " (cannot be forced) - image is being used by running container d2b1700df712");
  EXPECT_THAT(remove("a:1", true), ElementsAre("U a:1"));
  EXPECT_TRUE(service->get(id));
}

TEST_F(ImageRemove, refuses_an_unknown_image) {
  auto error = error_of([&] { remove("nope"); });
  EXPECT_EQ(error.code(), Code::not_found);
  EXPECT_STREQ(error.what(), "No such image: nope:latest");
  EXPECT_STREQ(error_of([&] { remove("a b"); }).what(), "invalid reference format");
}

} // namespace
} // namespace gantry::test
