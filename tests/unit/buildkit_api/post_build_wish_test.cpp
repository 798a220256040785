// POST /build?version=2 of docker's CLI up to 20.10: buildkit/post_build/post_build_wish.hpp.
#include "buildkit/post_build/post_build_wish.hpp"

#include <gtest/gtest.h>

namespace gantry::buildkit {
namespace {

TEST(PostBuildWishes, are_taken_from_the_query) {
  const auto asked = post_build_wish(
      "version=2&buildid=b1&session=s1&remote=client-session&t=x%3A1&t=y&target=web&dockerfile=F&nocache=1&pull=1&q=1"
      "&buildargs=%7B%22A%22%3A%221%22%2C%22N%22%3Anull%7D&labels=%7B%22l%22%3A%22m%22%7D&extrahosts=h%3A1.2.3.4"
      "&cachefrom=%5B%22c%22%5D&networkmode=host");
  const auto& attributes = asked.wish.attributes;
  EXPECT_EQ(asked.build_id, "b1");
  EXPECT_EQ(asked.wish.session, "s1");
  EXPECT_TRUE(asked.quiet);
  EXPECT_FALSE(asked.upload);
  EXPECT_EQ(attributes.at("target"), "web");
  EXPECT_EQ(attributes.at("filename"), "F");
  EXPECT_EQ(attributes.at("build-arg:A"), "1");
  EXPECT_FALSE(attributes.contains("build-arg:N"));
  EXPECT_EQ(attributes.at("label:l"), "m");
  EXPECT_EQ(attributes.at("add-hosts"), "h=1.2.3.4");
  EXPECT_EQ(attributes.at("cache-from"), "c");
  EXPECT_EQ(attributes.at("image-resolve-mode"), "pull");
  EXPECT_EQ(attributes.at("force-network-mode"), "host");
  EXPECT_EQ(asked.wish.entitlements, std::vector<std::string>{"network.host"});
  ASSERT_EQ(asked.wish.exports.size(), 1u);
  EXPECT_EQ(asked.wish.exports[0].type, "moby");
  EXPECT_EQ(asked.wish.exports[0].attributes.at("name"), "x:1,y");
}

TEST(PostBuildWishes, know_outputs_and_uploads) {
  const auto local = post_build_wish("remote=client-session&outputs=%5B%7B%22Type%22%3A%22local%22%2C%22Attrs%22%3A%7B%7D%7D%5D");
  EXPECT_EQ(local.wish.exports.at(0).type, "local");
  EXPECT_TRUE(post_build_wish("remote=upload-request&buildid=x").upload);
  EXPECT_EQ(post_build_wish("remote=https%3A%2F%2Fx%2Fy.git").wish.attributes.at("context"), "https://x/y.git");
}

TEST(PostBuildWishes, have_the_daemons_words_first) {
  const auto asked = post_build_wish("remote=upload-request&buildid=daemon&version=2&remote=&buildid=");
  EXPECT_TRUE(asked.upload);
  EXPECT_EQ(asked.build_id, "daemon");
  EXPECT_EQ(build_id_of("buildid=x&networkmode=bridge"), "x");
}

TEST(PostBuildWishes, that_make_no_sense_are_refused) {
  for (const char* query : {"", "remote=client-session&networkmode=bridge", "remote=client-session&outputs=%5B1%5D",
                            "remote=client-session&outputs=%5B%7B%7D%2C%7B%7D%5D", "remote=client-session&buildargs=%7B",
                            "remote=client-session&extrahosts=x", "remote=client-session&squash=1"})
    EXPECT_THROW((void)post_build_wish(query), std::runtime_error) << query;
}

} // namespace
} // namespace gantry::buildkit
