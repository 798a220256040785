#include "images/image_archive.hpp"

#include "images/digest.hpp"
#include "service_fixture.hpp"

namespace gantry::test {
namespace {

class ImageArchiveTest : public ImagesTest {
 protected:
  images::Ingest ingest{paths};
};

TEST_F(ImageArchiveTest, finds_files_under_normalised_names) {
  images::ImageArchive archive(reading(TarBuilder().file("./a/b.json", "{}").finish()), ingest);
  EXPECT_TRUE(archive.has("a/b.json"));
  EXPECT_EQ(archive.text("a/./x/../b.json"), "{}");
  EXPECT_EQ(archive.file("a/b.json").digest, images::sha256_of("{}"));
}

TEST_F(ImageArchiveTest, the_last_entry_of_a_name_counts) {
  images::ImageArchive archive(reading(TarBuilder().file("a", "1").file("b", "2").symlink("a", "b").finish()), ingest);
  EXPECT_EQ(archive.text("a"), "2");
}

TEST_F(ImageArchiveTest, names_what_is_missing) {
  images::ImageArchive archive(reading(TarBuilder().file("a", "1").finish()), ingest);
  EXPECT_STREQ(error_of([&] { archive.text("b"); }).what(), "invalid archive: \"b\" is missing");
}

} // namespace
} // namespace gantry::test
