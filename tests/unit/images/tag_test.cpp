#include "service_fixture.hpp"

namespace gantry::test {
namespace {

using ::testing::ElementsAre;

class ImageTag : public ImagesTest {
 protected:
  void SetUp() override {
    load(docker_archive({layer_tar("one")}, {"a:1"}));
    id = service->resolve("a:1")->id;
    events.clear();
  }
  std::string id;
};

TEST_F(ImageTag, adds_a_name) {
  service->tag("a:1", "host:5000/b", "2");
  EXPECT_THAT(service->get(id)->repo_tags, ElementsAre("a:1", "host:5000/b:2"));
  EXPECT_THAT(events, ElementsAre("tag host:5000/b:2"));
}

TEST_F(ImageTag, means_latest_without_a_tag) {
  service->tag(id, "b", "");
  EXPECT_EQ(service->resolve("b:latest")->id, id);
}

TEST_F(ImageTag, moves_a_name_silently) {
  load(docker_archive({layer_tar("two")}, {"b:1"}));
  service->tag("a:1", "b", "1");
  EXPECT_EQ(service->resolve("b:1")->id, id);
  reopen();
  EXPECT_EQ(service->resolve("b:1")->id, id);
  EXPECT_EQ(service->list().size(), 2u);
}

TEST_F(ImageTag, refuses_names_that_are_ambiguous_or_malformed) {
  EXPECT_STREQ(error_of([&] { service->tag("a:1", "sha256", ""); }).what(),
               "refusing to create an ambiguous tag using digest algorithm as name");
  EXPECT_STREQ(error_of([&] { service->tag("a:1", "B", ""); }).what(),
               "invalid reference format: repository name (library/B) must be lowercase");
  EXPECT_STREQ(error_of([&] { service->tag("a:1", "b", "-"); }).what(), "invalid tag format");
}

TEST_F(ImageTag, needs_an_image) {
  auto error = error_of([&] { service->tag("nope", "b", ""); });
  EXPECT_EQ(error.code(), Code::not_found);
  EXPECT_STREQ(error.what(), "No such image: nope:latest");
}

TEST_F(ImageTag, resolves_names_ids_and_unique_prefixes) {
  auto hex = id.substr(7);
  for (const auto& reference :
       {std::string("a:1"), std::string("docker.io/library/a:1"), id, hex, hex.substr(0, 12), id.substr(0, 19)})
    EXPECT_EQ(service->resolve(reference)->id, id) << reference;
  EXPECT_STREQ(error_of([&] { service->resolve("sha256:" + std::string(64, '0')); }).what(),
               ("No such image: sha256:" + std::string(64, '0')).c_str());
}

} // namespace
} // namespace gantry::test
