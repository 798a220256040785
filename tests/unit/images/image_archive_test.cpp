#include "images/image_archive.hpp"

#include "images/digest.hpp"
#include "service_fixture.hpp"

namespace gantry::test {
namespace {

class ImageArchiveTest : public ImagesTest {
 protected:
  images::Ingest ingest{paths};
  std::vector<std::string> received; ///< digests, in the order of arrival
  std::function<void(const images::ReceivedFile&)> noted = [this](const auto& file) { received.push_back(file.digest); };
};

TEST_F(ImageArchiveTest, finds_files_under_normalised_names) {
  images::ImageArchive archive(reading(TarBuilder().file("./a/b.json", "{}").finish()), ingest, noted);
  EXPECT_TRUE(archive.has("a/b.json"));
  EXPECT_EQ(archive.text("a/./x/../b.json"), "{}");
  EXPECT_EQ(archive.file("a/b.json").digest, images::sha256_of("{}"));
}

TEST_F(ImageArchiveTest, the_last_entry_of_a_name_counts) {
  images::ImageArchive archive(reading(TarBuilder().file("a", "1").file("b", "2").symlink("a", "b").finish()), ingest, noted);
  EXPECT_EQ(archive.text("a"), "2");
  EXPECT_EQ(received, (std::vector{images::sha256_of("1"), images::sha256_of("2")}));
}

TEST_F(ImageArchiveTest, names_what_is_missing) {
  images::ImageArchive archive(reading(TarBuilder().file("a", "1").finish()), ingest, noted);
  EXPECT_STREQ(error_of([&] { archive.text("b"); }).what(), "invalid archive: \"b\" is missing");
}

} // namespace
} // namespace gantry::test
