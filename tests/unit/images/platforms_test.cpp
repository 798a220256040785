#include <fcntl.h>

#include "base/file.hpp"
#include "images/digest.hpp"
#include "images/image_config.hpp"
#include "images/image_store.hpp"
#include "images/remove_platforms.hpp"
#include "service_fixture.hpp"

namespace gantry::test {
namespace {

using images::sha256_of;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

const std::string own = "linux/" + images::host_architecture();

/// OCI layouts with an image "a:1" for this machine, arm/v7 and s390x.
class Platforms : public ImagesTest {
 protected:
  static std::string id_of(const std::string& platform) { return sha256_of(platform_config(platform)); }
  static std::string layout(const std::string& version = "1") {
    return platforms_layout({own, "linux/arm/v7", "linux/s390x"}, "docker.io/library/a:1", version);
  }
  void load_platform(const std::string& platform, const std::string& version = "1") {
    service->load(reading(layout(version)), [](const Json&) {}, {platform});
  }
  std::string meant(const std::string& platform = "") { return service->resolve("a:1", platform)->id; }
};

TEST_F(Platforms, of_one_index_stay_under_the_name) {
  load_platform("");
  load_platform("linux/arm/v7");
  EXPECT_EQ(meant(), id_of(own)) << "this machine's";
  EXPECT_EQ(meant("linux/arm"), id_of("linux/arm/v7"));
  EXPECT_EQ(meant(own), id_of(own));
  EXPECT_THAT(service->get(id_of("linux/arm/v7"))->repo_tags, ElementsAre("a:1"));
  EXPECT_EQ(error_of([&] { meant("linux/s390x"); }).what(),
            "image with reference a:1 was found but does not match the specified platform: wanted linux/s390x, actual: " + own);
  reopen();
  EXPECT_EQ(meant("linux/arm"), id_of("linux/arm/v7"));
  EXPECT_EQ(meant(), id_of(own));
}

TEST_F(Platforms, without_this_machine_s_the_last_one_is_meant) {
  load_platform("linux/s390x");
  load_platform("linux/arm/v7");
  EXPECT_EQ(meant(), id_of("linux/arm/v7"));
  load_platform("linux/s390x");
  EXPECT_EQ(meant(), id_of("linux/s390x"));
  load_platform("");
  EXPECT_EQ(meant(), id_of(own));
}

TEST_F(Platforms, of_another_index_lose_the_name) {
  load_platform("linux/s390x");
  load_platform("linux/arm/v7", "2");
  EXPECT_EQ(error_of([&] { meant("linux/s390x"); }).code(), Code::not_found);
  EXPECT_THAT(service->get(id_of("linux/s390x"))->repo_tags, IsEmpty());
}

TEST_F(Platforms, are_tagged_and_removed_together) {
  load_platform("");
  load_platform("linux/arm/v7");
  service->tag("a:1", "b", "2");
  EXPECT_EQ(service->resolve("b:2", "linux/arm")->id, id_of("linux/arm/v7"));
  service->remove("a:1", false, true);
  EXPECT_EQ(service->list().size(), 2u);
  EXPECT_EQ(service->resolve("b:2", "")->id, id_of(own));
  service->remove("b:2", false, true);
  expect_nothing_left();
}

TEST_F(Platforms, are_removed_one_by_one) {
  load_platform("");
  load_platform("linux/arm/v7");
  load_platform("linux/s390x");
  std::vector<std::string> lines;
  for (const auto& record : images::remove_platforms(*service, "a:1", {own}, false, true))
    lines.push_back(record.untagged ? "U " + *record.untagged : "D " + *record.deleted);
  EXPECT_EQ(lines[0], "U a:1");
  EXPECT_EQ(lines[1], "D " + id_of(own));
  EXPECT_EQ(meant(), id_of("linux/s390x")) << "the latest of the rest";
  service->remove(id_of("linux/s390x"), false, true);
  EXPECT_EQ(meant(), id_of("linux/arm/v7"));
  images::remove_platforms(*service, "a:1", {"linux/arm/v7"}, false, true);
  expect_nothing_left();
  reopen();
  expect_nothing_left();
}

TEST_F(Platforms, are_saved_one_at_a_time) {
  load_platform("");
  load_platform("linux/arm/v7");
  const auto path = root / "saved.tar";
  service->save({"a:1"}, "linux/arm/v7")(open_file(path, O_RDWR | O_CREAT | O_TRUNC, 0600));
  service->remove("a:1", false, true);
  EXPECT_EQ(error_of([&] { service->load(reading(read_file(path, 64 << 20)), [](const Json&) {}, {own}); }).what(),
            "no image for " + own + " in the archive");
  service->load(reading(read_file(path, 64 << 20)), [](const Json&) {}, {"linux/arm/v7"});
  EXPECT_EQ(meant(), id_of("linux/arm/v7"));
  EXPECT_EQ(service->list().size(), 1u);
}

} // namespace
} // namespace gantry::test
