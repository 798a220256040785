#include "api/containers/summary_texts.hpp"

#include <gtest/gtest.h>

#include "api/containers/wire.hpp"
#include "api/http.hpp"

namespace gantry::api {
namespace {

using gantry::containers::Container;
using gantry::containers::ContainerPtr;
using gantry::containers::Phase;

constexpr std::int64_t minute_ns = 60'000'000'000;

Container container(const std::string& id) {
  Container made;
  made.id = id;
  made.name = "web";
  made.phase = Phase::running;
  made.config.labels = {{"Status", ""}, {"text", R"("Status":"")"}};
  made.started_ns = minute_ns;
  return made;
}

std::string text(SummaryTexts& texts, const ContainerPtr& container, std::int64_t now_ns, const std::string& image = "app",
                 ApiVersion version = newest_version) {
  std::string list;
  texts.append(list, container, image, now_ns, version);
  return list;
}

std::string anew(const ContainerPtr& container, std::int64_t now_ns, const std::string& image = "app",
                 ApiVersion version = newest_version) {
  return dump(container_summary(*container, image, now_ns, {}, version));
}

TEST(SummaryTexts, say_what_would_be_said_anew) {
  SummaryTexts texts;
  const auto kept = std::make_shared<const Container>(container("1"));
  for (const std::int64_t now : {3 * minute_ns, 3 * minute_ns, 5 * minute_ns}) EXPECT_EQ(text(texts, kept, now), anew(kept, now));
}

TEST(SummaryTexts, follow_the_container_the_image_and_the_version) {
  SummaryTexts texts;
  const auto first = std::make_shared<const Container>(container("1"));
  text(texts, first, 3 * minute_ns);
  auto renamed = container("1");
  renamed.name = "other";
  renamed.host_config.annotations = {{"a", "b"}};
  const auto second = std::make_shared<const Container>(renamed);
  EXPECT_EQ(text(texts, second, 3 * minute_ns), anew(second, 3 * minute_ns));
  EXPECT_EQ(text(texts, second, 3 * minute_ns, "sha256:1"), anew(second, 3 * minute_ns, "sha256:1"));
  const std::string old = text(texts, second, 3 * minute_ns, "sha256:1", {1, 40});
  EXPECT_EQ(old, anew(second, 3 * minute_ns, "sha256:1", {1, 40}));
  EXPECT_EQ(old.find("Annotations"), std::string::npos);
}

TEST(SummaryTexts, of_containers_that_are_gone_are_forgotten) {
  SummaryTexts texts;
  const auto stays = std::make_shared<const Container>(container("stays"));
  text(texts, stays, minute_ns);
  for (int i = 0; i < 100; ++i) text(texts, std::make_shared<const Container>(container(std::to_string(i))), minute_ns);
  texts.trim(100);
  EXPECT_EQ(texts.size(), 101U) << "few enough";
  texts.trim(1);
  EXPECT_EQ(texts.size(), 1U);
}

} // namespace
} // namespace gantry::api
