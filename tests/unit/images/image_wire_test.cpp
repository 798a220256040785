#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/images/list_filter.hpp"
#include "api/images/wire.hpp"

namespace gantry::api {
namespace {

gantry::images::Image example() {
  gantry::images::Image image;
  image.id = "sha256:aa";
  image.config = Json::parse(R"({"created":"2024-01-02T03:04:05.5Z","architecture":"amd64","os":"linux","author":"me",
    "config":{"Cmd":["sh"],"Labels":{"a":"b"}},
    "history":[{"created":"2024-01-02T03:04:04Z","created_by":"ADD x"},
               {"created":"2024-01-02T03:04:05Z","created_by":"CMD sh","empty_layer":true,"comment":"c"}]})");
  image.diff_ids = {"sha256:bb"};
  image.chains = {"bb"};
  image.layer_sizes = {7};
  image.size = 7;
  image.repo_tags = {"x:1"};
  image.created_ns = 1704164645500000000;
  return image;
}

TEST(ImageWire, summary_of_the_newest_version) {
  EXPECT_EQ(
      image_summary(example(), {"x:1"}, {2, -1}, newest_version),
      Json::parse(R"({"Containers":2,"Created":1704164645,"Id":"sha256:aa","Labels":{"a":"b"},"ParentId":"","RepoDigests":[],
                            "RepoTags":["x:1"],"SharedSize":-1,"Size":7})"));
}

TEST(ImageWire, summary_of_a_dangling_image_names_none_before_1_43) {
  auto old = image_summary(example(), {}, {}, {1, 42});
  EXPECT_EQ(old["RepoTags"], Json::array({"<none>:<none>"}));
  EXPECT_EQ(old["RepoDigests"], Json::array({"<none>@<none>"}));
  EXPECT_EQ(old["VirtualSize"], 7);
  EXPECT_EQ(old["Containers"], -1);
  EXPECT_EQ(image_summary(example(), {}, {}, {1, 43})["RepoTags"], Json::array());
  EXPECT_FALSE(image_summary(example(), {}, {}, {1, 44}).contains("VirtualSize"));
}

TEST(ImageWire, inspect_gates_its_fields) {
  auto now = image_inspect(example(), {"overlay2", {{"UpperDir", "/u"}}}, newest_version);
  EXPECT_EQ(now["Created"], "2024-01-02T03:04:05.5Z");
  EXPECT_EQ(now["Config"], Json::parse(R"({"User":"","Env":null,"Entrypoint":null,"Cmd":["sh"],"Volumes":null,"WorkingDir":"",
                                         "Labels":{"a":"b"},"OnBuild":null})"))
      << "dockerd 28 leaves out only what has no zero value in OCI images";
  EXPECT_EQ(now["GraphDriver"], Json::parse(R"({"Data":{"UpperDir":"/u"},"Name":"overlay2"})"));
  EXPECT_EQ(now["RootFS"], Json::parse(R"({"Type":"layers","Layers":["sha256:bb"]})"));
  EXPECT_EQ(now["Metadata"]["LastTagTime"], "0001-01-01T00:00:00Z");
  for (const char* gone : {"Container", "ContainerConfig", "VirtualSize"}) EXPECT_FALSE(now.contains(gone)) << gone;
  auto old = image_inspect(example(), {"overlay2", {}}, {1, 41});
  for (const char* key : {"ContainerConfig", "VirtualSize"}) EXPECT_TRUE(old.contains(key)) << key;
  EXPECT_FALSE(old.contains("Container")) << "nobody knows which";
  EXPECT_EQ(old["Config"]["Hostname"], "");
  EXPECT_EQ(old["Config"]["Env"], nullptr);
  EXPECT_FALSE(old["Config"].contains("Healthcheck"));
  EXPECT_EQ(old["GraphDriver"]["Data"], nullptr);
}

TEST(ImageWire, maps_of_the_config_come_sorted_as_from_go) {
  auto image = example();
  image.config["config"] = Json::parse(R"({"Labels":{"b":"1","a":"2"},"ExposedPorts":{"80/tcp":{},"53/udp":{}},"Volumes":null})");
  const std::string sorted = R"("ExposedPorts":{"53/udp":{},"80/tcp":{}})", labels = R"("Labels":{"a":"2","b":"1"})";
  for (const auto version : {newest_version, ApiVersion{1, 41}}) {
    const auto config = image_inspect(image, {"overlay2", {}}, version)["Config"].dump();
    EXPECT_THAT(config, testing::HasSubstr(sorted));
    EXPECT_THAT(config, testing::HasSubstr(labels));
  }
}

TEST(ImageWire, history_is_newest_first_and_hides_ids_below) {
  EXPECT_EQ(image_history(example(), {}), Json::parse(R"([
    {"Comment":"c","Created":1704164645,"CreatedBy":"CMD sh","Id":"sha256:aa","Size":0,"Tags":["x:1"]},
    {"Comment":"","Created":1704164644,"CreatedBy":"ADD x","Id":"<missing>","Size":7,"Tags":null}])"));
}

TEST(ImageWire, deleted_records_keep_their_order) {
  EXPECT_EQ(deleted_images({{"x:1", std::nullopt}, {std::nullopt, "sha256:aa"}}),
            Json::parse(R"([{"Untagged":"x:1"},{"Deleted":"sha256:aa"}])"));
}

struct Pattern {
  const char *pattern, *tag;
  bool matches;
};

void PrintTo(const Pattern& row, std::ostream* out) { *out << row.pattern << " on " << row.tag; }

class ReferencePattern : public ::testing::TestWithParam<Pattern> {};

TEST_P(ReferencePattern, matches_the_familiar_name_with_or_without_tag) {
  EXPECT_EQ(matches_reference(GetParam().pattern, GetParam().tag), GetParam().matches);
}

INSTANTIATE_TEST_SUITE_P(Globs, ReferencePattern,
                         ::testing::Values(Pattern{"busybox", "busybox:1", true}, Pattern{"busybox:1", "busybox:1", true},
                                           Pattern{"busy*", "busybox:1", true}, Pattern{"busy*:2", "busybox:1", false},
                                           Pattern{"*", "a/b:1", false}, Pattern{"*/*", "a/b:1", true},
                                           Pattern{"x[", "x:1", false}));

} // namespace
} // namespace gantry::api
