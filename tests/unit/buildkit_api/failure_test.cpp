// The engine's errors in BuildKit's words: buildkit/solve/failure.hpp.
#include "buildkit/solve/failure.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "buildkit/encoding.hpp"
#include "status.pb.h"

namespace gantry::buildkit {
namespace {

TEST(EngineErrors, are_taken_apart) {
  struct Row {
    const char *text, *message;
    int line, column;
  };
  const Row rows[] = {{"Dockerfile:2: no such file\n   2 | COPY no /", "no such file", 2, 0},
                      {"Dockerfile:2:1: unknown instruction: FOO\n   2 | FOO no /\n     | ^~~", "unknown instruction: FOO", 2, 1},
                      {"Dockerfile:1: a\nb | c\n 2| d\n  2 |e", "a\nb | c\n 2| d\n  2 |e", 1, 0},
                      {"something else", "something else", 0, 0},
                      {"Dockerfile:x: y", "Dockerfile:x: y", 0, 0},
                      {"Dockerfile:", "Dockerfile:", 0, 0},
                      {"Dockerfile:99999999999: y", "Dockerfile:99999999999: y", 0, 0}};
  for (const auto& row : rows) {
    const EngineError error = take_apart(row.text, "Dockerfile");
    EXPECT_EQ(error.message, row.message);
    EXPECT_EQ(error.line, row.line) << row.text;
    EXPECT_EQ(error.column, row.column) << row.text;
  }
}

TEST(EngineErrors, are_told_in_buildkits_words) {
  const std::pair<const char*, const char*> rows[] = {
      {"The command '/bin/sh -c exit 3' returned a non-zero code: 3",
       "process \"/bin/sh -c exit 3\" did not complete successfully: exit code: 3"},
      {"COPY failed: file not found in build context or excluded by .dockerignore: stat no: file does not exist",
       "failed to calculate checksum of ref REF: \"/no\": not found"},
      {"COPY failed: stat /o: file does not exist", "failed to calculate checksum of ref REF: \"/o\": not found"},
      {"ADD failed: Get \"http://x\": no", "Get \"http://x\": no"},
      {"failed to reach build target nope in Dockerfile", "target stage \"nope\" could not be found"},
      {"secret s: not found", "secret s: not found"}};
  for (const auto& [text, expected] : rows) EXPECT_EQ(in_buildkits_words(text, "REF"), expected);
}

TEST(Failures, have_the_place_as_a_detail) {
  Failure failure{"why"};
  failure.place = {"Dockerfile", "FROM x\n", 1};
  failure.vertex = "sha256:1";
  const grpc::Status status = failure.status();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNKNOWN);
  google::rpc::Status all;
  ASSERT_TRUE(all.ParseFromString(status.error_details()));
  EXPECT_EQ(all.message(), "why");
  ASSERT_EQ(all.details_size(), 2);
  EXPECT_EQ(all.details(0).type_url(), "github.com/moby/buildkit/errdefs.Source+json");
  EXPECT_THAT(all.details(0).value(), testing::HasSubstr(base64_encode("FROM x\n")));
  EXPECT_EQ(all.details(1).value(), R"({"digest":"sha256:1"})");
}

TEST(Base64, is_decoded_as_it_was_encoded) {
  for (const std::string& text : std::vector<std::string>{"", "a", "ab", "abc", "abcd", std::string("\0\xff", 2)}) {
    std::string back;
    EXPECT_TRUE(base64_decode(base64_encode(text), back));
    EXPECT_EQ(back, text);
  }
  std::string out;
  EXPECT_FALSE(base64_decode("abc", out));
  EXPECT_FALSE(base64_decode("ab*=", out));
}

} // namespace
} // namespace gantry::buildkit
