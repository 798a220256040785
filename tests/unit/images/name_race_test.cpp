#include "images/remove_unused.hpp"
#include "service_fixture.hpp"

// Somebody gives an image a name while somebody else deletes it: a removal asks for the containers of an image between looking at
// its names and deleting it, and there the name comes.
namespace gantry::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ImageNameRace : public ImagesTest {
 protected:
  void SetUp() override {
    load(docker_archive({layer_tar("one")}, {"a:1"}));
    id = service->resolve("a:1")->id;
  }

  /// The image has lost its only name.
  void make_nameless() {
    load(docker_archive({layer_tar("two")}, {"a:1"}));
    ASSERT_THAT(service->get(id)->repo_tags, IsEmpty());
  }

  /// At the `nth` question for containers the image is tagged.
  void tag_at(int nth) {
    service->set_users([this, nth, asked = 0](const std::string&) mutable {
      if (++asked == nth) service->tag(id, "late", "1");
      return users;
    });
  }

  void expect_named_late() {
    ASSERT_NE(service->get(id), nullptr);
    EXPECT_EQ(service->resolve("late:1")->id, id);
    EXPECT_THAT(service->get(id)->repo_tags, ElementsAre("late:1"));
    reopen();
    EXPECT_EQ(service->resolve("late:1")->id, id);
    EXPECT_EQ(storage.committed().count(service->get(id)->top_layer), 1u);
  }

  std::string id;
};

TEST_F(ImageNameRace, a_name_before_a_prune_comes_to_it_wins) {
  make_nameless();
  service->tag(id, "late", "1");
  EXPECT_THAT(images::remove_nameless(*service, id), IsEmpty());
  expect_named_late();
}

TEST_F(ImageNameRace, a_name_in_the_middle_of_a_prune_wins) {
  make_nameless();
  tag_at(1);
  EXPECT_EQ(error_of([&] { images::remove_nameless(*service, id); }).code(), Code::in_use);
  expect_named_late();
}

TEST_F(ImageNameRace, a_name_in_the_middle_of_a_removal_by_id_wins) {
  tag_at(2);
  EXPECT_EQ(error_of([&] { service->remove(id, true, true); }).code(), Code::in_use);
  expect_named_late();
}

TEST_F(ImageNameRace, a_name_in_the_middle_of_a_removal_by_name_wins) {
  tag_at(1);
  const auto records = service->remove("a:1", true, true);
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records.front().untagged, "a:1");
  expect_named_late();
}

TEST_F(ImageNameRace, a_name_in_the_middle_of_a_cleaning_by_the_budget_wins) {
  tag_at(1);
  EXPECT_FALSE(images::remove_unused(*service, *service->get(id), INT64_MAX));
  expect_named_late();
}

TEST_F(ImageNameRace, a_name_after_the_deletion_is_refused) {
  make_nameless();
  EXPECT_THAT(images::remove_nameless(*service, id), ::testing::Not(IsEmpty()));
  EXPECT_EQ(error_of([&] { service->tag(id, "late", "1"); }).code(), Code::not_found);
}

} // namespace
} // namespace gantry::test
