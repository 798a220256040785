#include "registry/manifest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "images/media_types.hpp"

namespace gantry::registry {
namespace {

using ::testing::HasSubstr;

const std::string digest_a = "sha256:" + std::string(64, 'a'), digest_b = "sha256:" + std::string(64, 'b');

std::string error_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "nothing was thrown";
}

std::string manifest_with(const std::string& config_type, const std::string& layers) {
  return R"({"schemaVersion":2,"config":{"mediaType":")" + config_type + R"(","digest":")" + digest_a +
         R"(","size":10},"layers":[)" + layers + "]}";
}

TEST(Manifest, reads_config_and_layers) {
  const auto manifest = parse_manifest(
      manifest_with(std::string(media::oci_config), R"({"mediaType":"x","digest":")" + digest_b + R"(","size":20})"));
  EXPECT_EQ(manifest.config.digest, digest_a);
  ASSERT_EQ(manifest.layers.size(), 1u);
  EXPECT_EQ(manifest.layers[0].size, 20u);
}

TEST(Manifest, knows_its_kind_without_a_media_type) {
  EXPECT_EQ(manifest_type(R"({"manifests":[]})", ""), media::oci_index);
  EXPECT_EQ(manifest_type(R"({"layers":[]})", "text/plain"), media::oci_manifest);
  EXPECT_EQ(manifest_type("{}", std::string(media::docker_manifest) + "; charset=utf-8"), media::docker_manifest);
}

TEST(Manifest, refuses_what_is_no_image_and_says_why) {
  EXPECT_THAT(error_of([] { manifest_type(R"({"schemaVersion":1})", ""); }), HasSubstr("schema 1 is not supported"));
  EXPECT_THAT(error_of([] { manifest_type("{}", "text/html"); }), HasSubstr("unsupported manifest format: text/html"));
  EXPECT_THAT(error_of([] { parse_manifest(manifest_with("application/vnd.cncf.helm.config.v1+json", "")); }),
              HasSubstr("no container image"));
  EXPECT_THAT(error_of([] { parse_manifest("<html>"); }), HasSubstr("not valid JSON"));
  EXPECT_THAT(error_of([] { parse_manifest(manifest_with("", R"({"digest":"../../etc/passwd","size":1})")); }),
              HasSubstr("is not a sha256 digest"));
  EXPECT_THAT(error_of([] { parse_manifest(manifest_with("", R"({"digest":")" + digest_b + R"(","size":-1})")); }),
              HasSubstr("must be a number of bytes"));
  EXPECT_THAT(error_of([] { parse_manifest(manifest_with("", "7")); }), HasSubstr("must be an object"));
}

TEST(Manifest, chooses_the_best_entry_of_an_index) {
  const auto entry = [](const std::string& digest, const std::string& platform, const std::string& more = "") {
    return R"({"digest":")" + digest + R"(","size":1,"platform":)" + platform + more + "}";
  };
  const auto entries =
      parse_index(R"({"manifests":[)" + entry(digest_b, R"({"os":"linux","architecture":"arm","variant":"v6"})") + "," +
                  entry(digest_a, R"({"os":"linux","architecture":"arm","variant":"v7"})") + "," +
                  entry(digest_b, R"({"os":"linux","architecture":"amd64"})",
                        R"(,"annotations":{"vnd.docker.reference.type":"attestation-manifest"})") +
                  "]}");
  EXPECT_EQ(choose(entries, parse_platform("linux/arm/v7")).manifest.digest, digest_a);
  EXPECT_EQ(choose(entries, parse_platform("linux/arm/v6")).manifest.digest, digest_b);
  EXPECT_EQ(error_of([&] { choose(entries, parse_platform("linux/amd64")); }),
            "no matching manifest for linux/amd64 in the manifest list entries");
}

} // namespace
} // namespace gantry::registry
