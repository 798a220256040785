#include <fcntl.h>

#include "base/file.hpp"
#include "images/digest.hpp"
#include "images/image_archive.hpp"
#include "images/image_config.hpp"
#include "images/image_store.hpp"
#include "images/image_target.hpp"
#include "images/remove_platforms.hpp"
#include "service_fixture.hpp"

namespace gantry::test {
namespace {

using images::sha256_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
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
    load_platforms(layout(version), {platform.empty() ? own : platform});
  }
  void load_platforms(const std::string& archive, const std::vector<std::string>& platforms) {
    service->load(reading(archive), [](const Json&) {}, {platforms});
  }
  std::string save(const std::vector<std::string>& platforms = {}) {
    const auto path = root / "saved.tar";
    service->save({"a:1"}, platforms)(open_file(path, O_RDWR | O_CREAT | O_TRUNC, 0600));
    return read_file(path, 64 << 20);
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
  EXPECT_EQ(error_of([&] { meant("linux/s390x"); }).what(), "image with reference a:1 was found but its platform (" + own +
                                                                ") does not match the specified platform (linux/s390x)");
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
  load(platforms_layout({own, "linux/arm/v7"}, "docker.io/library/a:1", "2"));
  EXPECT_EQ(error_of([&] { meant("linux/s390x"); }).code(), Code::not_found);
  EXPECT_THAT(service->get(id_of("linux/s390x"))->repo_tags, IsEmpty());
}

TEST_F(Platforms, of_another_index_with_the_same_manifests_stay) {
  load_platform("linux/s390x");
  load_platform("linux/arm/v7", "2");
  EXPECT_EQ(meant("linux/s390x"), id_of("linux/s390x"));
  EXPECT_EQ(meant("linux/arm/v7"), id_of("linux/arm/v7"));
  const auto images = service->store().catalogue()->find_all("a:1");
  EXPECT_EQ(images.size(), 2u);
  EXPECT_TRUE(images::target_of(service->store(), images).index);
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

TEST_F(Platforms, are_loaded_all_or_those_that_are_asked_for) {
  EXPECT_EQ(load(layout()), "Loaded image: a:1\nLoaded image: a:1\nLoaded image: a:1\n");
  EXPECT_EQ(service->list().size(), 3u);
  EXPECT_EQ(meant(), id_of(own));
  service->remove("a:1", false, true);
  expect_nothing_left();
  load_platforms(layout(), {"linux/s390x", "linux/arm/v7"});
  EXPECT_EQ(service->list().size(), 2u);
  EXPECT_EQ(meant("linux/arm"), id_of("linux/arm/v7"));
  const std::vector<std::string> one_too_many{own, "linux/riscv64"};
  EXPECT_STREQ(error_of([&] { load_platforms(layout(), one_too_many); }).what(), "no image for linux/riscv64 in the archive");
  EXPECT_EQ(service->list().size(), 2u) << "all or none";
}

TEST_F(Platforms, that_an_archive_only_names_are_left_out) {
  const std::string some = platforms_layout({own, "linux/arm/v7"}, "docker.io/library/a:1", "1", {"linux/arm/v7"});
  load(some);
  EXPECT_EQ(service->list().size(), 1u);
  EXPECT_EQ(meant(), id_of(own));
  EXPECT_THAT(error_of([&] { load_platforms(some, {"linux/arm/v7"}); }).what(), HasSubstr("\" is missing"));
  service->remove("a:1", false, true);
  EXPECT_STREQ(error_of([&] { load(platforms_layout({own}, "docker.io/library/a:1", "1", {own})); }).what(),
               "no image in the archive");
}

TEST_F(Platforms, of_several_variants_the_best_one_is_loaded) {
  const auto variants =
      platforms_layout({"linux/arm/v5", "linux/arm/v7", "linux/arm/v6", "linux/arm64"}, "docker.io/library/a:1");
  load_platforms(variants, {"linux/arm/v6"});
  EXPECT_EQ(service->list().size(), 1u);
  EXPECT_EQ(meant(), id_of("linux/arm/v6"));
}

TEST_F(Platforms, are_saved_together_and_byte_for_byte) {
  load(layout());
  const auto saved = save();
  images::Ingest ingest(paths);
  images::ArchiveWatcher nobody;
  images::ImageArchive archive(reading(saved), ingest, nobody), original(reading(layout()), ingest, nobody);
  const Json top = archive.json("index.json")["manifests"];
  ASSERT_EQ(top.size(), 1u);
  EXPECT_EQ(top[0]["digest"], original.json("index.json")["manifests"][0]["digest"]) << "the index as it came";
  const Json old = archive.json("manifest.json");
  ASSERT_EQ(old.size(), 1u) << "readers of the old form get one image";
  EXPECT_EQ(old[0]["Config"], images::blob_path(id_of(own)));
  EXPECT_EQ(old[0]["RepoTags"], Json::array({"a:1"}));

  service->remove("a:1", false, true);
  load(saved);
  EXPECT_EQ(service->list().size(), 3u);
  EXPECT_EQ(meant("linux/s390x"), id_of("linux/s390x"));
  EXPECT_EQ(meant(), id_of(own));
}

TEST_F(Platforms, are_saved_as_far_as_they_are_asked_for) {
  load(layout());
  const auto two = save({"linux/s390x", "linux/arm"});
  const auto one = save({"linux/arm/v7"});
  const std::vector<std::string> one_too_many{own, "linux/riscv64"};
  EXPECT_EQ(error_of([&] { save(one_too_many); }).what(), "image with reference a:1 was found but its platform (" + own +
                                                              ") does not match the specified platform (linux/riscv64)");
  {
    images::Ingest ingest(paths);
    images::ArchiveWatcher nobody;
    images::ImageArchive archive(reading(two), ingest, nobody);
    const auto index = archive.json(images::blob_path(archive.json("index.json")["manifests"][0]["digest"]));
    ASSERT_EQ(index["manifests"].size(), 2u) << "an index of what is in the archive";
    for (const auto& entry : index["manifests"]) EXPECT_TRUE(archive.has(images::blob_path(entry["digest"])));
  }
  service->remove("a:1", false, true);
  load(two);
  EXPECT_EQ(service->list().size(), 2u);
  EXPECT_EQ(meant("linux/arm/v7"), id_of("linux/arm/v7"));
  service->remove("a:1", false, true);
  EXPECT_EQ(error_of([&] { load_platforms(one, {own}); }).what(), "no image for " + own + " in the archive");
  load(one);
  EXPECT_EQ(service->list().size(), 1u);
  EXPECT_EQ(meant(), id_of("linux/arm/v7"));
}

TEST_F(Platforms, stand_beside_what_is_attested_of_them) {
  load_platforms(layout(), {own});
  auto& store = service->store();
  const auto image = service->resolve("a:1");
  const auto plain = images::target_of(store, {image});
  ASSERT_TRUE(plain.index);
  EXPECT_FALSE(plain.is_whole());
  Json index = Json::parse(plain.index->body);
  const std::string digest = index["manifests"][0]["digest"];
  index["manifests"][1]["annotations"] = {{"vnd.docker.reference.type", "attestation-manifest"},
                                          {"vnd.docker.reference.digest", digest}};
  index["manifests"][2]["annotations"] = {{"vnd.docker.reference.type", 1}, {"vnd.docker.reference.digest", Json::array()}};
  const images::Manifest newer{sha256_of(index.dump()), plain.index->media_type, "", index.dump()};
  std::vector<images::UnpackedLayer> none;
  store.publish(none, {{image->config.dump(), {}, {newer, *plain.manifests[0].manifest}}});

  const auto target = images::target_of(store, {image});
  EXPECT_EQ(target.descriptor()["digest"], newer.digest) << "what came last";
  ASSERT_EQ(target.manifests.size(), 3u);
  EXPECT_EQ(target.manifests[0].image, image);
  EXPECT_EQ(target.manifests[0].attests, "");
  EXPECT_EQ(target.manifests[1].attests, digest);
  EXPECT_EQ(target.manifests[2].attests, "unknown");
}

} // namespace
} // namespace gantry::test
