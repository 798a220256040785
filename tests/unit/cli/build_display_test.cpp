// What `gantry build` draws.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include "cli/build/display.hpp"
#include "cli/build/screen.hpp"
#include "cli/build/step_model.hpp"
#include "invocation.hpp"

namespace gantry::cli::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using State = BuildStep::State;

Json started(int step, const std::string& text, const std::string& stage = "", int number = 1, int of = 1) {
  Json message = {{"step", step}, {"state", "started"}, {"at", 1'000'000'000}, {"text", text}, {"number", number}, {"of", of}};
  if (!stage.empty()) message["stage"] = stage;
  return message;
}
Json ended(int step, const std::string& state) { return {{"step", step}, {"state", state}, {"at", 2'500'000'000}}; }
Json output(int step, const std::string& text) { return {{"step", step}, {"stream", text}}; }

std::vector<std::string> texts(const std::vector<ScreenLine>& lines) {
  std::vector<std::string> all;
  for (const auto& line : lines) all.push_back(line.text);
  return all;
}

TEST(StepModel, steps_come_from_messages) {
  StepModel model;
  EXPECT_EQ(model.take({{"stream", "Successfully built x\n"}}), nullptr);
  EXPECT_EQ(model.take({{"step", "no number"}}), nullptr);
  model.take(started(3, "RUN make", "web", 2, 4));
  model.take(output(3, "one\ntw"));
  model.take(output(3, "o\nthree"));
  EXPECT_THAT(model.steps()[0].lines, ElementsAre("one", "two"));
  model.take(ended(3, "failed"));
  const BuildStep& step = model.steps().at(0);
  EXPECT_EQ(step.name, "[web 2/4] RUN make");
  EXPECT_THAT(step.lines, ElementsAre("one", "two", "three"));
  EXPECT_EQ(step.state, State::failed);
  EXPECT_DOUBLE_EQ(step.seconds(), 1.5);
}

TEST(StepModel, only_the_end_of_much_output_is_kept) {
  StepModel model;
  model.take(started(1, "RUN x"));
  for (int i = 0; i < 5000; ++i) model.take(output(1, "line " + std::to_string(i) + "\n"));
  model.take(output(1, std::string(1 << 20, 'x')));
  EXPECT_LE(model.steps()[0].lines.size(), 200U);
  EXPECT_TRUE(model.steps()[0].partial.empty());
}

TEST(StepModel, what_a_container_prints_cannot_drive_the_terminal) {
  EXPECT_EQ(cleaned("a\x1b[31mred\x1b[0m\x1b[2Jb\x07\tc\x1b]0;title"), "aredb    c]0;title");
  EXPECT_EQ(cleaned("10%\r20%\r30%\r"), "30%");
  EXPECT_EQ(cleaned("gr\xc3\xbc\xc3\x9f\x65\xc2\x9b"), "gr\xc3\xbc\xc3\x9f\x65");
}

TEST(Screen, shows_states_times_and_the_tails_of_what_runs) {
  StepModel model;
  model.take(started(1, "FROM busybox", "", 1, 3));
  model.take(ended(1, "cached"));
  model.take(started(2, "RUN make", "web", 2, 3));
  model.take(output(2, "compiling\n"));
  model.take(started(3, "COPY a b", "", 3, 3));
  model.take(ended(3, "failed"));
  const auto lines = texts(screen(model.steps(), 3.21, {24, 41}, false));
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(lines[0], "[+] Building (2/3)                  3.2s");
  EXPECT_EQ(lines[1], " => CACHED [1/3] FROM busybox       1.5s");
  EXPECT_THAT(lines[2], HasSubstr(" => [web 2/3] RUN make  "));
  EXPECT_EQ(lines[3], " => => compiling");
  EXPECT_EQ(lines[4], " => ERROR [3/3] COPY a b            1.5s");
}

TEST(Screen, fits_into_any_terminal) {
  StepModel model;
  for (int i = 1; i <= 40; ++i) {
    model.take(started(i, "RUN " + std::string(200, 'x') + " \xe4\xb8\xad\xe6\x96\x87", "s", i, 40));
    if (i <= 35) model.take(ended(i, "done"));
    for (int n = 0; n < 30; ++n) model.take(output(i, std::string(150, 'y') + "\n"));
  }
  for (const ScreenSize size :
       {ScreenSize{24, 80}, ScreenSize{5, 20}, ScreenSize{1, 1}, ScreenSize{10, 7}, ScreenSize{200, 500}}) {
    const auto lines = screen(model.steps(), 1, size, false);
    EXPECT_LE(lines.size(), std::max<std::size_t>(size.rows, 4));
    for (const auto& line : lines) EXPECT_LT(width_of(line.text), std::max<std::size_t>(size.columns, 2)) << line.text;
  }
  EXPECT_EQ(screen(model.steps(), 1, {5, 80}, true).size(), 41U);
  // What runs is seen before what is over.
  EXPECT_THAT(texts(screen(model.steps(), 1, {8, 40}, false)).back(), HasSubstr("[s 40/40]"));
}

TEST(Screen, long_lines_are_cut_between_characters) {
  EXPECT_EQ(fitted("abcdef", 6), "abcdef");
  EXPECT_EQ(fitted("abcdefg", 6), "abc...");
  EXPECT_EQ(fitted("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6", 4), "\xc3\xa4...");
}

TEST(PlainDisplay, is_a_log_with_numbers) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const auto display = plain_display(ends[1]);
  const auto show = [&](const Json& message) { display->show(message, ""); };
  show(started(4, "FROM busybox", "", 1, 2));
  show(ended(4, "cached"));
  show(started(5, "RUN make", "", 2, 2));
  show(output(5, "hel"));
  show(output(5, "lo\x1b[0m\n"));
  show(ended(5, "done"));
  ::close(ends[1]);
  std::string text(4096, '\0');
  const ssize_t n = ::read(ends[0], text.data(), text.size());
  ::close(ends[0]);
  ASSERT_GT(n, 0);
  text.resize(static_cast<std::size_t>(n));
  EXPECT_THAT(text,
              ::testing::MatchesRegex("#2 \\[1/2\\] FROM busybox\n#2 CACHED\n\n#3 \\[2/2\\] RUN make\n#3 0\\.00. hello\n#3 DONE "
                                      "1\\.5s\n\n"));
}

TEST(Display, unknown_modes_are_refused) {
  EXPECT_EQ(message_of([] { make_display("fancy", false); }),
            "invalid progress mode fancy: expected auto, plain, tty, quiet or rawjson");
  // Tests have no terminal.
  EXPECT_EQ(make_display("", false)->wants_steps(), false);
  EXPECT_EQ(make_display("rawjson", false)->wants_steps(), true);
}

} // namespace
} // namespace gantry::cli::test
