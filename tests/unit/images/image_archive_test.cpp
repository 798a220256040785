#include "images/image_archive.hpp"

#include "images/digest.hpp"
#include "service_fixture.hpp"

namespace gantry::test {
namespace {

class ImageArchiveTest : public ImagesTest {
 protected:
  images::Ingest ingest{paths};
  struct Noted : images::ArchiveWatcher {
    std::vector<std::string> digests; ///< in the order of arrival
    std::string later;                ///< path of a file whose digest is told later
    bool hashes(const std::string& path, std::string_view head, std::uint64_t size) override {
      return path == later && head.size() == size;
    }
    void received(const images::ReceivedFile& file) override { digests.push_back(file.digest); }
    std::string digest_of(const images::ReceivedFile& file) override { return "told " + std::to_string(file.size); }
  } noted;
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
  EXPECT_EQ(noted.digests, (std::vector{images::sha256_of("1"), images::sha256_of("2")}));
}

TEST_F(ImageArchiveTest, leaves_digests_to_who_hashes_the_files_anyway) {
  noted.later = "b";
  images::ImageArchive archive(reading(TarBuilder().file("a", "1").file("b", "22").finish()), ingest, noted);
  EXPECT_EQ(noted.digests, (std::vector<std::string>{images::sha256_of("1"), ""}));
  EXPECT_EQ(archive.file("a").digest, images::sha256_of("1"));
  EXPECT_EQ(archive.file("b").digest, "told 2");
}

TEST_F(ImageArchiveTest, names_what_is_missing) {
  images::ImageArchive archive(reading(TarBuilder().file("a", "1").finish()), ingest, noted);
  EXPECT_STREQ(error_of([&] { archive.text("b"); }).what(), "invalid archive: \"b\" is missing");
}

} // namespace
} // namespace gantry::test
