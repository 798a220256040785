#include "build/inline_cache.hpp"

#include <gtest/gtest.h>

#include "build/state.hpp"

namespace gantry::test {
namespace {

using namespace build;

/// An image of three steps, and what they came to.
struct Built {
  State state;
  std::vector<KeptStep> steps;

  Built() {
    state = state_of(R"({"os":"linux","config":{"Env":["A=b"]},"rootfs":{"type":"layers","diff_ids":["sha256:)" +
                     std::string(64, '0') + R"("]},"history":[{"created_by":"base"}],"gantry.build.cache.v1":[{"key":"old"}]})");
    step("key one", {});
    step("key two", NewLayer{"sha256:" + std::string(64, '1'), 1});
    state.config.env.emplace_back("C=d");
    step("key three", {});
  }
  void step(const std::string& key, const std::optional<NewLayer>& layer) {
    commit_state(state, {"RUN " + key, "container", 1}, layer);
    steps.push_back({key, state.document});
  }
};

TEST(InlineCache, gives_back_every_config_byte_for_byte) {
  const Built built;
  const auto found = inline_cache_of(Json::parse(with_inline_cache(built.state.document, built.steps)));
  ASSERT_EQ(found.size(), 3U);
  for (const auto& step : built.steps) EXPECT_EQ(found.at(step.key), step.document) << step.key;
}

TEST(InlineCache, leaves_out_steps_that_led_elsewhere) {
  Built built, other;
  other.step("another", NewLayer{"sha256:" + std::string(64, '2'), 1});
  built.steps.push_back(other.steps.back());
  EXPECT_EQ(inline_cache_of(Json::parse(with_inline_cache(built.state.document, built.steps))).size(), 3U);
}

TEST(InlineCache, is_not_inherited) {
  const Built built;
  EXPECT_EQ(built.state.document.find("gantry.build.cache"), std::string::npos);
}

TEST(InlineCache, of_a_hostile_image_has_only_what_makes_sense) {
  const std::string good = R"({"key":"k","history":1,"layers":1,"image":{"config":{}}})";
  const std::vector<std::string> wrong = {"1",
                                          "{}",
                                          "[]",
                                          R"({"key":1,"history":1,"layers":1,"image":{}})",
                                          R"({"key":"k2","history":2,"layers":1,"image":{}})",
                                          R"({"key":"k3","history":1,"layers":2,"image":{}})",
                                          R"({"key":"k4","history":-1,"layers":1,"image":{}})",
                                          R"({"key":"k5","history":1,"layers":"1","image":{}})",
                                          R"({"key":"k6","history":1,"layers":1,"image":[]})",
                                          R"({"key":"k7","history":1,"layers":1})"};
  std::string list = good;
  for (const auto& entry : wrong) list += "," + entry;
  const std::string head = R"({"rootfs":{"diff_ids":["x"]},"history":[{}],"gantry.build.cache.v1":)";
  const auto found = inline_cache_of(Json::parse(head + "[" + list + "]}"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.at("k"), R"({"config":{},"history":[{}],"rootfs":{"type":"layers","diff_ids":["x"]}})");
  for (const char* whole : {"1", "{}", "null", "\"x\""})
    EXPECT_TRUE(inline_cache_of(Json::parse(head + std::string(whole) + "}")).empty()) << whole;
  EXPECT_TRUE(inline_cache_of(Json::parse(R"({"rootfs":[],"history":{},"gantry.build.cache.v1":[)" + good + "]}")).empty());
  EXPECT_TRUE(inline_cache_of(Json::parse("{}")).empty());
}

} // namespace
} // namespace gantry::test
