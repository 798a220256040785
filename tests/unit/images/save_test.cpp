#include <fcntl.h>

#include "base/file.hpp"
#include "images/image_archive.hpp"
#include "service_fixture.hpp"

namespace gantry::test {
namespace {

class ImageSave : public ImagesTest {
 protected:
  std::string save(const std::vector<std::string>& references) {
    auto path = root / "saved.tar";
    service->save(references)(open_file(path, O_RDWR | O_CREAT | O_TRUNC, 0600));
    return read_file(path, 64 << 20);
  }
};

TEST_F(ImageSave, gives_an_archive_that_loads_as_the_same_image) {
  load(docker_archive({layer_tar("one"), layer_tar("two")}, {"a:1"}, Compression::none, Compression::gzip));
  auto id = service->resolve("a:1")->id;
  auto bytes = save({"a:1"});
  service->remove(id, true, true);
  expect_nothing_left();
  EXPECT_EQ(load(bytes), "Loaded image: a:1\n");
  EXPECT_EQ(service->resolve("a:1")->id, id);
}

TEST_F(ImageSave, without_tag_takes_all_tags_of_the_repository) {
  load(docker_archive({layer_tar("one")}, {"a:1", "a:latest", "b:1"}));
  images::Ingest ingest(paths);
  images::ArchiveWatcher nobody;
  images::ImageArchive archive(reading(save({"a"})), ingest, nobody);
  auto entries = archive.json("manifest.json");
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0]["RepoTags"], Json::array({"a:1", "a:latest"}));
  EXPECT_EQ(archive.json("index.json")["manifests"].size(), 2u);
  EXPECT_TRUE(archive.has(entries[0]["Config"]));
}

TEST_F(ImageSave, without_tag_takes_every_image_of_the_repository) {
  load(docker_archive({layer_tar("one")}, {"a:1"}));
  load(docker_archive({layer_tar("two")}, {"a:2"}));
  load(docker_archive({layer_tar("three")}, {"b/a:3"}));
  const auto bytes = save({"a"});
  for (const auto* name : {"a:1", "a:2", "b/a:3"}) service->remove(name, false, true);
  load(bytes);
  EXPECT_EQ(service->list().size(), 2u);
  EXPECT_EQ(service->resolve("a:1")->size, layer_tar("one").size());
  EXPECT_EQ(service->resolve("a:2")->size, layer_tar("two").size());
}

TEST_F(ImageSave, by_id_saves_no_name) {
  load(docker_archive({layer_tar("one")}, {"a:1"}));
  auto id = service->resolve("a:1")->id;
  auto bytes = save({id});
  service->remove("a:1", false, true);
  EXPECT_EQ(load(bytes), "Loaded image ID: " + id + "\n");
}

TEST_F(ImageSave, refuses_an_unknown_image_before_anything_is_written) {
  EXPECT_STREQ(error_of([&] { service->save({"nope"}); }).what(), "No such image: nope");
}

} // namespace
} // namespace gantry::test
