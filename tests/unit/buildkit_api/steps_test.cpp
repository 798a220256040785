// The engine's messages as BuildKit's progress: buildkit/progress/steps.hpp.
#include "buildkit/progress/steps.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gantry::buildkit {
namespace {

using testing::ElementsAre;

/// Everything that has been told, a line for each vertex's news.
std::vector<std::string> told(Progress& progress) {
  std::vector<std::string> lines;
  std::map<std::string, std::string> names;
  std::uint64_t at = 0;
  bool ended = false;
  for (wire::StatusResponse one; progress.next(at, one, ended, std::chrono::milliseconds(0));) {
    for (const auto& vertex : one.vertexes()) {
      names[vertex.digest()] = vertex.name();
      const std::string state = !vertex.has_completed()   ? "begins"
                                : !vertex.error().empty() ? vertex.error()
                                : vertex.cached()         ? "cached"
                                                          : "done";
      lines.push_back(vertex.name() + ": " + state);
    }
    for (const auto& log : one.logs())
      lines.push_back(names[log.vertex()] + " " + std::to_string(log.stream()) + "> " + log.msg());
  }
  return lines;
}

Json started(int step, const std::string& text, int number, int of, const std::string& stage = "") {
  Json message = {{"step", step}, {"state", "started"}, {"text", text}, {"number", number}, {"of", of}};
  if (!stage.empty()) message["stage"] = stage;
  return message;
}

Json state(int step, const std::string& state) { return {{"step", step}, {"state", state}}; }

TEST(Steps, are_told_with_output_and_end) {
  Progress progress("build");
  Steps steps(progress);
  steps.expect_image("busybox", true);
  steps.take(started(1, "FROM busybox AS x", 1, 2));
  steps.take(state(1, "done"));
  steps.take(started(2, "RUN make", 2, 2));
  steps.take({{"step", 2}, {"stream", "out\n"}});
  steps.take({{"step", 2}, {"stream", "\x1b[91merr\n\x1b[0m"}});
  steps.take(state(2, "done"));
  EXPECT_THAT(told(progress), ElementsAre("[internal] load metadata for docker.io/library/busybox:latest: begins",
                                          "[internal] load metadata for docker.io/library/busybox:latest: done",
                                          "[1/2] FROM docker.io/library/busybox:latest: begins",
                                          "[1/2] FROM docker.io/library/busybox:latest: cached", "[2/2] RUN make: begins",
                                          "[2/2] RUN make 1> out\n", "[2/2] RUN make 2> err\n", "[2/2] RUN make: done"));
}

TEST(Steps, of_an_image_that_is_not_here_wait_for_it) {
  Progress progress("build");
  Steps steps(progress);
  steps.expect_image("x", false);
  steps.take(started(1, "FROM x", 1, 1));
  steps.take(state(1, "failed"));
  std::string error = "no such host";
  EXPECT_FALSE(steps.fail(error).empty());
  EXPECT_EQ(steps.failed_image(), "x");
  EXPECT_THAT(told(progress), ElementsAre("[internal] load metadata for docker.io/library/x:latest: begins",
                                          "[internal] load metadata for docker.io/library/x:latest: no such host"));
}

TEST(Steps, that_fail_tell_why_at_the_end) {
  Progress progress("build");
  Steps steps(progress);
  steps.take(started(1, "RUN a", 2, 2));
  steps.take(started(2, "RUN b", 2, 2, "other"));
  steps.take(state(1, "failed"));
  steps.take(state(2, "canceled"));
  std::string error = "because";
  steps.fail(error);
  EXPECT_THAT(told(progress), ElementsAre("[2/2] RUN a: begins", "[other 2/2] RUN b: begins",
                                          "[other 2/2] RUN b: context canceled", "[2/2] RUN a: because"));
}

TEST(Steps, are_not_counted_where_nothing_is_pulled) {
  Progress progress("build");
  Steps steps(progress);
  steps.expect_stage("", "", false);
  steps.take(started(1, "FROM scratch", 1, 3));
  steps.take(state(1, "done"));
  steps.take(started(2, "COPY a /", 2, 3));
  steps.take(state(2, "cached"));
  EXPECT_THAT(told(progress), ElementsAre("[1/2] COPY a /: begins", "[1/2] COPY a /: cached"));
}

TEST(Steps, pass_over_what_makes_no_sense) {
  Progress progress("build");
  Steps steps(progress);
  for (const Json& message :
       {Json::object(), Json{{"step", "x"}}, Json{{"step", 5}, {"state", "done"}}, Json{{"step", 5}, {"stream", "x"}}})
    EXPECT_NO_THROW(steps.take(message));
  EXPECT_THAT(told(progress), testing::IsEmpty());
}

TEST(Progress, keeps_a_bounded_part_for_readers) {
  Progress progress("build");
  const std::string vertex = progress.announce("a", "a");
  progress.start(vertex);
  for (int i = 0; i < 100; ++i) progress.log(vertex, std::string(1 << 20, 'x'), 1);
  progress.close();
  std::uint64_t at = 0;
  bool ended = false;
  std::size_t bytes = 0;
  for (wire::StatusResponse one; progress.next(at, one, ended, std::chrono::milliseconds(0));) bytes += one.ByteSizeLong();
  EXPECT_TRUE(ended);
  EXPECT_LE(bytes, Progress::max);
  EXPECT_GT(bytes, Progress::max / 2);
}

TEST(Progress, tells_names_in_utf8) {
  Progress progress("build");
  progress.start(progress.announce("a", "RUN \xff\xc3\xa4\xc3"));
  EXPECT_THAT(told(progress), ElementsAre("RUN \xef\xbf\xbd\xc3\xa4\xef\xbf\xbd: begins"));
}

} // namespace
} // namespace gantry::buildkit
