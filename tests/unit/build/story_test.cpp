#include "build/story.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gantry::build {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Told {
  std::vector<std::string> texts{};
  std::vector<Json> messages{};
  images::Progress progress = [this](const Json& message) {
    messages.push_back(message);
    texts.push_back(message.value("stream", ""));
  };
};

TEST(Story, stages_are_told_in_their_order) {
  Told told;
  Story story(told.progress, Story::Form::classic, {true, false, true, true});
  story.chat(3, "d1");
  story.chat(2, "c1");
  story.chat(0, "a1");
  EXPECT_THAT(told.texts, ElementsAre("a1"));
  story.tell(2, 5, {{"stream", "c2"}});
  story.end(2);
  story.end(0);
  EXPECT_THAT(told.texts, ElementsAre("a1", "c1", "c2", "d1"));
  story.chat(3, "d2");
  story.end(3);
  EXPECT_EQ(told.texts.back(), "d2");
}

TEST(Story, what_a_stage_tells_far_ahead_is_bounded) {
  Told told;
  Story story(told.progress, Story::Form::classic, {true, true});
  const std::string block(1 << 20, 'x');
  for (int i = 0; i < 10; ++i) story.tell(1, 2, {{"stream", block}});
  story.tell(1, 2, {{"stream", "the end"}});
  story.tell(1, 2, {{"status", "Downloading"}, {"progress", "[=>  ]"}});
  story.end(0);
  EXPECT_THAT(told.texts.front(), HasSubstr("[output clipped: "));
  EXPECT_EQ(told.texts.back(), "the end");
  std::size_t size = 0;
  for (const auto& text : told.texts) size += text.size();
  EXPECT_LE(size, Story::ahead_max + 100);
}

TEST(Story, what_all_stages_tell_ahead_is_bounded_together) {
  Told told;
  Story story(told.progress, Story::Form::classic, std::vector<bool>(40, true));
  const std::string block(1 << 20, 'x');
  for (std::size_t stage = 1; stage < 40; ++stage) {
    for (int i = 0; i < 3; ++i) story.tell(stage, 1, {{"stream", block}});
    story.tell(stage, 1, {{"stream", "end"}});
  }
  for (std::size_t stage = 0; stage < 40; ++stage) story.end(stage);
  std::size_t size = 0;
  for (const auto& text : told.texts) size += text.size();
  EXPECT_LE(size, Story::all_max + 40 * 100);
  EXPECT_GE(size, Story::all_max / 2);
}

TEST(Story, of_a_failure_all_is_told_that_comes_before_it_and_nothing_behind) {
  Told told;
  Story story(told.progress, Story::Form::classic, {true, true, true});
  story.chat(0, "a");
  story.chat(1, "b");
  story.chat(2, "c");
  story.fail(1);
  EXPECT_THAT(told.texts, ElementsAre("a", "b"));
}

TEST(Story, clients_that_ask_for_steps_get_them_at_once) {
  Told told;
  Story story(told.progress, Story::Form::steps, {true, true});
  story.chat(0, "Step 1/2 : FROM x");
  EXPECT_THAT(told.messages, IsEmpty());
  StepMark mark{2, "started"};
  mark.stage = "web";
  mark.text = "RUN make";
  mark.number = 2;
  mark.of = 3;
  story.mark(mark);
  story.tell(1, 2, {{"stream", "out"}});
  ASSERT_EQ(told.messages.size(), 2U);
  EXPECT_EQ(told.messages[0]["state"], "started");
  EXPECT_EQ(told.messages[0]["stage"], "web");
  EXPECT_EQ(told.messages[0]["number"], 2);
  EXPECT_GT(told.messages[0]["at"], 0);
  EXPECT_EQ(told.messages[1], (Json{{"stream", "out"}, {"step", 2}}));
}

} // namespace
} // namespace gantry::build
