#include "containers/log_reader.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/base/temp_dir.hpp"

namespace gantry::containers {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LogReaderTest : public ::testing::Test {
 protected:
  static std::string line(const std::string& text) {
    return R"({"log":")" + text + R"(\n","stream":"stdout","time":"2024-01-02T03:04:05.000000006Z"})" + "\n";
  }
  void append(const std::string& bytes) { std::ofstream(path, std::ios::app) << bytes; }
  void add(const std::string& text) { append(line(text)); }
  void rotate(int files) {
    for (int number = files - 1; number >= 1; --number) {
      const std::string from = number == 1 ? path : path + "." + std::to_string(number - 1);
      if (std::filesystem::exists(from)) std::filesystem::rename(from, path + "." + std::to_string(number));
    }
    std::ofstream{path};
  }
  static std::vector<std::string> texts(LogReader& reader) {
    std::vector<std::string> all;
    for (auto lines = reader.next(); !lines.empty(); lines = reader.next()) {
      for (auto& one : lines) all.push_back(one.text.substr(0, one.text.size() - 1));
    }
    return all;
  }
  std::vector<std::string> tail(std::int64_t count) {
    LogReader reader(path, count);
    return texts(reader);
  }

  test::TempDir dir;
  std::string path = dir / "x-json.log";
};

TEST_F(LogReaderTest, a_log_that_does_not_exist_is_empty) { EXPECT_THAT(tail(-1), IsEmpty()); }

TEST_F(LogReaderTest, parses_stream_time_and_attributes) {
  const auto parsed =
      parse_log_line(R"({"log":"a\u0000\"b","stream":"stderr","attrs":{"k":"v","l":"w"},"time":"1970-01-01T00:00:01.5Z"})");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->text, std::string("a\0\"b", 4));
  EXPECT_EQ(parsed->stream, LogLine::Stream::err);
  EXPECT_EQ(parsed->time_ns, 1'500'000'000);
  EXPECT_EQ(parsed->attrs, "k=v,l=w");
}

TEST_F(LogReaderTest, escapes_and_sorts_attributes) {
  const auto parsed = parse_log_line(
      R"({"log":"x\n","stream":"stdout","attrs":{"y":"b c\u0026=","tag":"a/b"},"time":"2024-02-29T23:59:59.120000001Z"})");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->attrs, "tag=a%2Fb,y=b+c%26%3D");
  EXPECT_EQ(parsed->time_ns, 1'709'251'199'120'000'001);
}

TEST_F(LogReaderTest, gives_back_bytes_that_are_not_utf8) {
  const auto parsed =
      parse_log_line(R"({"log":"\udcff\u00e9\ud83d\ude00\u2028\udc80\n","stream":"stdout","time":"1970-01-01T00:00:01Z"})");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->text, "\xff\xc3\xa9\xf0\x9f\x98\x80\xe2\x80\xa8\x80\n");
}

TEST_F(LogReaderTest, skips_damaged_lines) {
  add("one");
  append("{\"log\":\"torn\n\n[]\n{\"log\":1,\"time\":\"x\"}\n");
  add("two");
  EXPECT_THAT(tail(-1), ElementsAre("one", "two"));
}

TEST_F(LogReaderTest, reads_rotated_files_from_the_oldest_on) {
  add("one");
  rotate(4);
  add("two");
  rotate(4);
  add("three");
  EXPECT_THAT(tail(-1), ElementsAre("one", "two", "three"));
}

TEST_F(LogReaderTest, tail_counts_from_the_end_across_files) {
  add("one");
  add("two");
  rotate(4);
  add("three");
  add("four");
  EXPECT_THAT(tail(0), IsEmpty());
  EXPECT_THAT(tail(1), ElementsAre("four"));
  EXPECT_THAT(tail(2), ElementsAre("three", "four"));
  EXPECT_THAT(tail(3), ElementsAre("two", "three", "four"));
  EXPECT_THAT(tail(4), ElementsAre("one", "two", "three", "four"));
  EXPECT_THAT(tail(99), ElementsAre("one", "two", "three", "four"));
}

TEST_F(LogReaderTest, tail_works_when_lines_are_larger_than_a_block) {
  const std::string big(200'000, 'x');
  add("first");
  add(big);
  add("last");
  EXPECT_THAT(tail(1), ElementsAre("last"));
  EXPECT_THAT(tail(2), ElementsAre(big, "last"));
}

TEST_F(LogReaderTest, goes_on_with_what_is_appended) {
  LogReader reader(path, -1);
  EXPECT_THAT(texts(reader), IsEmpty());
  add("one");
  EXPECT_THAT(texts(reader), ElementsAre("one"));
  add("two");
  EXPECT_THAT(texts(reader), ElementsAre("two"));
}

TEST_F(LogReaderTest, tail_zero_goes_on_with_what_is_new) {
  add("old");
  LogReader reader(path, 0);
  EXPECT_THAT(texts(reader), IsEmpty());
  add("new");
  EXPECT_THAT(texts(reader), ElementsAre("new"));
}

TEST_F(LogReaderTest, waits_for_the_end_of_a_line) {
  LogReader reader(path, -1);
  const std::string whole = line("slow");
  append(whole.substr(0, 20));
  EXPECT_THAT(texts(reader), IsEmpty());
  append(whole.substr(20));
  EXPECT_THAT(texts(reader), ElementsAre("slow"));
}

TEST_F(LogReaderTest, loses_nothing_across_rotations_that_it_did_not_see) {
  LogReader reader(path, -1);
  add("one");
  EXPECT_THAT(texts(reader), ElementsAre("one"));
  add("two");
  rotate(5);
  add("three");
  rotate(5);
  add("four");
  EXPECT_THAT(texts(reader), ElementsAre("two", "three", "four"));
}

TEST_F(LogReaderTest, keeps_its_place_when_its_file_was_deleted) {
  add("one");
  LogReader reader(path, -1);
  EXPECT_THAT(texts(reader), ElementsAre("one"));
  add("two");
  rotate(2);
  add("lost");
  rotate(2); // x.1 with "two" is overwritten, but the reader still holds it
  add("four");
  rotate(2);
  add("five");
  EXPECT_THAT(texts(reader), ElementsAre("two", "four", "five"));
}

TEST_F(LogReaderTest, reads_many_lines_in_batches) {
  for (int i = 0; i < 20'000; ++i) append(line(std::to_string(i)));
  LogReader reader(path, -1);
  const auto first = reader.next();
  EXPECT_LT(first.size(), 20'000U);
  EXPECT_EQ(first.size() + texts(reader).size(), 20'000U);
}

class PackedLogs : public LogReaderTest {
 protected:
  void SetUp() override {
    for (const char* text : {"one", "two", "three", "four"}) {
      add(text);
      add(std::string(text) + "+");
      rotate(9);
    }
    add("five");
  }
};

TEST_F(PackedLogs, are_read_like_plain_ones) {
  compress_rotated_logs(path);
  EXPECT_FALSE(std::filesystem::exists(path + ".1"));
  EXPECT_TRUE(std::filesystem::exists(path + ".1.gz"));
  EXPECT_TRUE(std::filesystem::exists(path + ".4.gz"));
  EXPECT_TRUE(std::filesystem::exists(path)) << "the current one stays";
  EXPECT_THAT(tail(-1), ElementsAre("one", "one+", "two", "two+", "three", "three+", "four", "four+", "five"));
  EXPECT_THAT(tail(4), ElementsAre("three+", "four", "four+", "five"));
}

TEST_F(PackedLogs, are_not_read_twice_by_a_reader_that_has_seen_them_plain) {
  LogReader reader(path, -1);
  EXPECT_EQ(texts(reader).size(), 9U);
  rotate(9);
  compress_rotated_logs(path);
  add("six");
  EXPECT_THAT(texts(reader), ElementsAre("six"));
}

TEST_F(PackedLogs, what_a_crash_left_between_the_two_names_is_no_harm) {
  std::filesystem::copy_file(path + ".1", dir / "copy");
  compress_rotated_logs(path);
  std::filesystem::rename(dir / "copy", path + ".1");
  EXPECT_EQ(tail(-1).size(), 9U);
  compress_rotated_logs(path);
  EXPECT_FALSE(std::filesystem::exists(path + ".1"));
  EXPECT_EQ(tail(-1).size(), 9U);
}

} // namespace
} // namespace gantry::containers
