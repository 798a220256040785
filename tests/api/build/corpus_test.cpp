// Every Dockerfile of the corpus, in a real daemon.
#include <gmock/gmock.h>

#include "api/build/corpus.hpp"
#include "base/json.hpp"
#include "support/api_test.hpp"
#include "support/rootfs.hpp"
#include "unit/images/archive_builder.hpp"

namespace gantry::test {
namespace {

std::string context_of(const BuildCase& c) {
  TarBuilder tar;
  tar.file("Dockerfile", c.dockerfile);
  for (const auto& [name, content] : c.files) {
    if (content.starts_with("-> ")) {
      tar.symlink(name, content.substr(3));
    } else if (content == "@tar") {
      tar.file(name, TarBuilder().file("in/x", "x").finish());
    } else {
      tar.file(name, content);
    }
  }
  return tar.finish();
}

class BuildCorpus : public ApiTest {
 protected:
  void SetUp() override {
    if (auto why = need_busybox(); !why.empty()) GTEST_SKIP() << why;
    ApiTest::SetUp();
    if (!IsSkipped()) import_busybox(daemon());
  }
};

Json at(const Json& document, const std::string& pointer) {
  const Json::json_pointer place(pointer);
  return document.contains(place) ? document.at(place) : Json(nullptr);
}

TEST_F(BuildCorpus, every_dockerfile_comes_to_what_it_says) {
  std::vector<BuildCase> all = build_corpus();
  ASSERT_GE(all.size(), 60U);
  for (const auto& more : {mount_corpus(), option_corpus()}) all.insert(all.end(), more.begin(), more.end());
  for (const BuildCase& c : all) {
    SCOPED_TRACE(c.name);
    const auto reply = client().request("POST", "/v1.41/build?t=corpus:" + c.name + "&networkmode=none&forcerm=1" + c.query,
                                        {{"Content-Type", "application/x-tar"}}, context_of(c));
    if (!c.error.empty()) {
      const std::string quoted = Json(c.error).dump();
      EXPECT_THAT(reply.body, ::testing::HasSubstr(quoted.substr(1, quoted.size() - 2)));
      continue;
    }
    EXPECT_EQ(reply.status, 200);
    EXPECT_THAT(reply.body, ::testing::HasSubstr("Successfully tagged corpus:" + c.name));
    if (c.config.empty()) continue;
    const Json image = Json::parse(client().get("/v1.41/images/corpus:" + c.name + "/json").body);
    for (const auto& [pointer, expected] : c.config) EXPECT_EQ(at(image, pointer), Json::parse(expected)) << pointer;
  }
  // Nothing of a step stays, whether it succeeded or not.
  EXPECT_EQ(client().get("/containers/json?all=1").body, "[]\n");
}

} // namespace
} // namespace gantry::test
