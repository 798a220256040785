// Stages of one build that run side by side, over HTTP.
#include <gmock/gmock.h>

#include "base/json.hpp"
#include "support/api_test.hpp"
#include "support/rootfs.hpp"
#include "unit/images/archive_builder.hpp"

namespace gantry::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class BuildStages : public ApiTest {
 protected:
  void SetUp() override {
    if (auto why = need_busybox(); !why.empty()) GTEST_SKIP() << why;
    ApiTest::SetUp();
    if (!IsSkipped()) import_busybox(daemon());
  }

  std::vector<Json> build(const std::string& dockerfile, const std::string& query = "") {
    const auto reply = client().request("POST", "/v1.41/build?networkmode=none" + query, {{"Content-Type", "application/x-tar"}},
                                        TarBuilder().file("Dockerfile", dockerfile).finish());
    std::vector<Json> all;
    std::istringstream lines(reply.body);
    for (std::string line; std::getline(lines, line);)
      if (line.size() > 1) all.push_back(Json::parse(line));
    return all;
  }
  static std::string text_of(const std::vector<Json>& messages) {
    std::string text;
    for (const Json& message : messages) text += message.value("stream", "");
    return text;
  }
  /// "started web 2/3", "done web 2/3" … in the order in which they were told.
  static std::vector<std::string> marks(const std::vector<Json>& messages, const std::string& instruction) {
    std::map<int, std::string> names;
    std::vector<std::string> all;
    for (const Json& message : messages) {
      if (!message.contains("state")) continue;
      const int step = message["step"];
      if (message["state"] == "started" && message.value("text", "").starts_with(instruction)) names[step] = message["stage"];
      if (names.contains(step)) all.push_back(message["state"].get<std::string>() + " " + names[step]);
    }
    return all;
  }
};

TEST_F(BuildStages, independent_ones_overlap) {
  const auto all = build(
      "FROM busybox AS a\nRUN sleep 1; echo 1 > /a\nFROM busybox AS b\nRUN sleep 1; echo 2 > /b\n"
      "FROM scratch\nCOPY --from=a /a /\nCOPY --from=b /b /\n",
      "&progress=steps");
  const auto told = marks(all, "RUN");
  ASSERT_EQ(told.size(), 4U) << Json(all).dump(1);
  EXPECT_THAT((std::vector<std::string>{told[0], told[1]}), ::testing::UnorderedElementsAre("started a", "started b"));
  EXPECT_THAT((std::vector<std::string>{told[2], told[3]}), ::testing::UnorderedElementsAre("done a", "done b"));
  // COPY has waited for both.
  EXPECT_THAT(marks(all, "COPY"), ElementsAre("started stage-2", "done stage-2", "started stage-2", "done stage-2"));
}

TEST_F(BuildStages, classic_clients_get_them_in_order) {
  const std::string text =
      text_of(build("FROM busybox AS slow\nRUN sleep 1; echo from-a\nFROM busybox AS unused\nRUN false\nFROM busybox AS "
                    "quick\nRUN echo from-b\n"
                    "FROM slow\nCOPY --from=quick /bin/busybox /x\n"));
  std::size_t at = 0;
  for (const char* part : {"Step 1/6 : FROM busybox AS slow\n", "Step 2/6 : RUN sleep 1", "\nfrom-a\n",
                           "Step 3/6 : FROM busybox AS quick\n", "Step 4/6 : RUN echo from-b\n", "\nfrom-b\n",
                           "Step 5/6 : FROM slow\n", "Step 6/6 : COPY --from=quick", "Successfully built "}) {
    const auto found = text.find(part, at);
    ASSERT_NE(found, std::string::npos) << part << " in\n" << text;
    at = found;
  }
}

TEST_F(BuildStages, a_failing_one_ends_the_others) {
  const auto all = build(
      "FROM busybox AS endless\nRUN echo begun; sleep 1000\nFROM busybox AS broken\nRUN sleep 1; echo why; exit 4\n"
      "FROM endless\nCOPY --from=broken /bin /x\n",
      "&forcerm=1");
  EXPECT_EQ(all.back()["errorDetail"]["code"], 4);
  const std::string text = text_of(all);
  EXPECT_THAT(text, HasSubstr("\nbegun\n"));
  EXPECT_THAT(text, HasSubstr("\nwhy\n"));
  EXPECT_THAT(text, Not(HasSubstr("Step 5/6")));
  EXPECT_EQ(client().get("/containers/json?all=1").body, "[]\n");
}

TEST_F(BuildStages, the_same_step_in_two_of_them_runs_once) {
  const auto all = build(
      "FROM busybox AS a\nRUN sleep 1; cat /proc/uptime > /made\nRUN true a\nFROM busybox AS b\nRUN sleep 1; cat /proc/uptime > "
      "/made\n"
      "RUN true b\nFROM busybox\nCOPY --from=a /made /a\nCOPY --from=b /made /b\nRUN cmp /a /b\n",
      "&progress=steps");
  EXPECT_TRUE(all.back().contains("stream")) << all.back();
  EXPECT_THAT(marks(all, "RUN sleep"), ::testing::Contains(HasSubstr("cached")));
}

TEST_F(BuildStages, that_copy_from_each_other_are_refused) {
  const auto all = build("FROM busybox AS a\nCOPY --from=b /x /\nFROM busybox AS b\nCOPY --from=a /x /\n");
  EXPECT_EQ(all.at(0)["message"], "circular dependency detected on stage: a");
}

TEST_F(BuildStages, a_client_that_leaves_ends_all_of_them) {
  HttpClient other = connect();
  other.send_request(
      "POST", "/build?networkmode=none", {{"Content-Type", "application/x-tar"}},
      TarBuilder()
          .file(
              "Dockerfile",
              "FROM busybox AS a\nRUN echo begun; sleep 1000\nFROM busybox AS b\nRUN sleep 999\nFROM a\nCOPY --from=b /bin /x\n")
          .finish());
  ASSERT_EQ(other.read_head().status, 200);
  std::string text;
  while (text.find("begun\\n") == std::string::npos) text += other.read_chunk();
  EXPECT_TRUE(eventually([&] { return Json::parse(client().get("/containers/json").body).size() == 2; }));
  other.disconnect();
  EXPECT_TRUE(eventually([&] { return client().get("/containers/json?all=1").body == "[]\n"; }));
}

} // namespace
} // namespace gantry::test
