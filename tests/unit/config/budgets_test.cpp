#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/config/load_from.hpp"

using namespace gantry;
using test::error_of, test::load_file;
using testing::ElementsAre, testing::HasSubstr, testing::IsEmpty;

namespace {

TEST(ConfigBudgets, there_are_none_unless_given) {
  const auto c = load_file("{}");
  EXPECT_EQ(c.image_gc.keep_bytes, 0);
  EXPECT_EQ(c.build_gc.keep_bytes, 0);
}

TEST(ConfigBudgets, of_images) {
  const auto c = load_file("image-gc: {keep-storage: 20GB, keep-used-since: 168h}");
  EXPECT_EQ(c.image_gc.keep_bytes, 20LL << 30);
  EXPECT_EQ(c.image_gc.keep_used_for_s, 7 * 24 * 3600);
  EXPECT_EQ(load_file("image-gc: {keep-storage: 1048576}").image_gc.keep_used_for_s, 24 * 3600) << "a day unless given";
  EXPECT_EQ(load_file("image-gc: {keep-storage: 1, keep-used-since: 0s}").image_gc.keep_used_for_s, 0);
}

TEST(ConfigBudgets, of_the_build_cache_are_dockers) {
  const auto of = [](const std::string& gc) { return load_file(R"({"builder": {"gc": )" + gc + "}}", "daemon.json"); };
  EXPECT_EQ(of(R"({"enabled": true, "defaultKeepStorage": "20GB"})").build_gc.keep_bytes, 20LL << 30);
  EXPECT_EQ(of(R"({"enabled": false, "defaultKeepStorage": "20GB"})").build_gc.keep_bytes, 0);
  const auto rule = of(R"({"policy": [{"keepStorage": "10GB", "filter": ["unused-for=48h"]}]})");
  EXPECT_EQ(rule.build_gc.keep_bytes, 10LL << 30);
  EXPECT_EQ(rule.build_gc.keep_used_for_s, 48 * 3600);
  EXPECT_THAT(rule.warnings, IsEmpty());
  const auto rules =
      of(R"({"policy": [{"keepStorage": "10GB", "filter": ["unused-for=48h"]}, {"keepStorage": "50GB", "all": true}]})");
  EXPECT_EQ(rules.build_gc.keep_bytes, 50LL << 30);
  EXPECT_EQ(rules.build_gc.keep_used_for_s, 0);
  EXPECT_THAT(rules.warnings, ElementsAre(HasSubstr("the last one")));
}

TEST(ConfigBudgets, bad_ones_are_refused) {
  struct Row {
    const char *text, *error;
  };
  for (const auto& [text, error] :
       {Row{"image-gc: {keep-storage: much}", "invalid value \"much\""}, Row{"image-gc: {keep-storage: -1}", "a size is needed"},
        Row{"image-gc: {keep: 1GB}", "unknown key \"keep\""}, Row{"image-gc: 20GB", "a map is needed"},
        Row{"image-gc: {keep-used-since: soon}", "a duration is needed"},
        Row{"builder: {gc: {enabled: maybe}}", "true or false is needed"}, Row{"builder: {gc: {policy: {}}}", "a list is needed"},
        Row{"builder: {gc: {policy: [{filter: [id=x]}]}}", "invalid filter \"id=x\""},
        Row{"builder: {gc: {keep: 1}}", "unknown key \"keep\""}})
    EXPECT_THAT(error_of([&, t = text] { load_file(t); }), HasSubstr(error)) << text;
}

} // namespace
