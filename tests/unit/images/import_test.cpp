#include "images/digest.hpp"
#include "service_fixture.hpp"

namespace gantry::test {
namespace {

using ::testing::ElementsAre;

class ImageImport : public ImagesTest {
 protected:
  std::string import(const std::string& bytes, const images::ImportOptions& options) {
    return service->import(reading(bytes), options, [this](const Json& message) { messages.push_back(message); });
  }
  std::vector<Json> messages;
};

TEST_F(ImageImport, makes_an_image_of_one_layer) {
  auto layer = layer_tar("one");
  images::ImportOptions options;
  options.repo = "debian";
  options.tag = "12";
  options.changes = {"CMD [\"/bin/bash\"]"};
  auto id = import(compress(layer, Compression::xz), options);
  auto image = service->resolve("debian:12");
  EXPECT_EQ(image->id, id);
  EXPECT_EQ(image->config["config"]["Cmd"], Json::array({"/bin/bash"}));
  EXPECT_EQ(image->config["comment"], "Imported from -");
  EXPECT_EQ(image->config["history"].size(), 1u);
  EXPECT_EQ(image->config["history"][0]["comment"], "Imported from -");
  EXPECT_THAT(image->diff_ids, ElementsAre(images::sha256_of(layer)));
  EXPECT_EQ(image->size, layer.size());
  EXPECT_THAT(messages, ElementsAre(Json{{"status", id}}));
  EXPECT_THAT(events, ElementsAre("tag debian:12", "import " + id));
}

TEST_F(ImageImport, needs_no_name) {
  auto id = import(layer_tar("one"), {});
  EXPECT_TRUE(service->get(id)->repo_tags.empty());
}

TEST_F(ImageImport, takes_message_and_platform) {
  images::ImportOptions options;
  options.message = "from backup";
  options.platform = "linux/arm/v7";
  auto image = service->get(import(layer_tar("one"), options));
  EXPECT_EQ(image->config["comment"], "from backup");
  EXPECT_EQ(image->config["architecture"], "arm");
  EXPECT_EQ(image->config["variant"], "v7");
}

TEST_F(ImageImport, checks_everything_before_reading) {
  images::ImportOptions options;
  options.changes = {"FROM x"};
  EXPECT_STREQ(error_of([&] { import(layer_tar("one"), options); }).what(), "FROM is not a valid change command");
  options.changes = {};
  options.repo = "Debian";
  EXPECT_STREQ(error_of([&] { import(layer_tar("one"), options); }).what(),
               "invalid reference format: repository name (library/Debian) must be lowercase");
  options.repo = "debian";
  options.platform = "windows/amd64";
  EXPECT_EQ(error_of([&] { import(layer_tar("one"), options); }).code(), Code::invalid);
  expect_nothing_left();
}

TEST_F(ImageImport, leaves_nothing_of_broken_compressed_data) {
  auto bytes = compress(layer_tar(std::string(1 << 20, 'x')), Compression::gzip);
  bytes.resize(bytes.size() / 2);
  EXPECT_EQ(error_of([&] { import(bytes, {}); }).code(), Code::invalid);
  expect_nothing_left();
}

} // namespace
} // namespace gantry::test
