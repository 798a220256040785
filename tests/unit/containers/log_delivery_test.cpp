#include "containers/log_delivery.hpp"

#include <sys/xattr.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/base/temp_dir.hpp"

namespace gantry::containers {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Step = LogDelivery::Step;

/// A target that can be away, or take less than it is given.
class FakeTarget final : public LogDriver {
 public:
  void validate(const LogSettings&) override {}
  void open(Call&, const LogSource&) override {}
  void write(Call&, const std::string&, const std::vector<LogRecord>& records, std::size_t& delivered) override {
    for (const auto& record : records) {
      if (capacity == 0) throw Error(Code::unavailable, "target is away");
      --capacity;
      ++delivered;
      texts.push_back(record.text);
      last = record;
    }
  }
  void close(Call&, const std::string&) override {}

  std::size_t capacity = 1'000'000;
  std::vector<std::string> texts;
  LogRecord last;
};

class LogDeliveryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(path, std::ios::app);
    if (::setxattr(path.c_str(), "trusted.gantry.first-line", "0", 1, 0) != 0) GTEST_SKIP() << "trusted attributes need root";
  }
  void add(const std::string& text, bool newline = true) {
    std::ofstream(path, std::ios::app) << R"({"log":")" << text << (newline ? "\\n" : "")
                                       << R"(","stream":"stdout","time":"1970-01-01T00:00:01Z"})"
                                       << "\n";
    ++count;
  }
  /// As the shim does.
  void rotate(int files) {
    for (int n = files - 1; n >= 1; --n) {
      const std::string from = n == 1 ? path : path + "." + std::to_string(n - 1);
      if (std::filesystem::exists(from)) std::filesystem::rename(from, path + "." + std::to_string(n));
    }
    std::ofstream{path};
    const std::string first = std::to_string(count);
    ::setxattr(path.c_str(), "trusted.gantry.first-line", first.data(), first.size(), 0);
  }
  /// A new daemon on the same files.
  LogDelivery& restart(std::uint64_t backlog = 0) {
    delivery.reset();
    health = std::make_shared<LogTarget>();
    delivery = std::make_unique<LogDelivery>(target, LogSource{}, "fake", path, backlog, health);
    return *delivery;
  }
  Step drain() {
    Step step = Step::more;
    while (step == Step::more) step = delivery->step();
    return step;
  }

  test::TempDir dir;
  std::string path = dir / "log";
  FakeTarget target;
  std::shared_ptr<LogTarget> health;
  std::unique_ptr<LogDelivery> delivery;
  std::uint64_t count = 0;
};

TEST_F(LogDeliveryTest, carries_lines_and_goes_on_where_the_last_daemon_stopped) {
  add("one");
  add("two");
  restart();
  EXPECT_EQ(drain(), Step::idle);
  add("three");
  EXPECT_EQ(drain(), Step::idle);
  EXPECT_THAT(target.texts, ElementsAre("one", "two", "three"));
  add("four");
  restart();
  EXPECT_EQ(drain(), Step::idle);
  EXPECT_THAT(target.texts, ElementsAre("one", "two", "three", "four"));
  EXPECT_EQ(delivery->state().delivered, 4U);
  EXPECT_EQ(delivery->state().dropped, 0U);
}

TEST_F(LogDeliveryTest, repeats_what_a_target_did_not_take_and_nothing_else) {
  for (const char* text : {"one", "two", "three"}) add(text);
  target.capacity = 2;
  restart();
  EXPECT_EQ(drain(), Step::wait);
  EXPECT_EQ(delivery->state().error, "target is away");
  target.capacity = 10;
  restart();
  EXPECT_EQ(drain(), Step::idle);
  EXPECT_THAT(target.texts, ElementsAre("one", "two", "three"));
  EXPECT_EQ(delivery->state().error, "");
}

TEST_F(LogDeliveryTest, loses_nothing_across_rotation_and_compression) {
  add("one");
  rotate(4);
  add("two");
  target.capacity = 1;
  restart();
  drain();
  rotate(4);
  add("three");
  compress_rotated_logs(path);
  target.capacity = 10;
  restart();
  EXPECT_EQ(drain(), Step::idle);
  EXPECT_THAT(target.texts, ElementsAre("one", "two", "three"));
}

TEST_F(LogDeliveryTest, counts_what_was_rotated_away_before_it_could_be_taken) {
  target.capacity = 0;
  add("one");
  restart();
  drain();
  for (const char* text : {"two", "three", "four"}) {
    rotate(2);
    add(text);
  }
  target.capacity = 10;
  restart();
  EXPECT_EQ(drain(), Step::idle);
  EXPECT_THAT(target.texts, ElementsAre("three", "four"));
  EXPECT_EQ(delivery->state().dropped, 2U);
}

TEST_F(LogDeliveryTest, non_blocking_keeps_no_more_than_the_buffer) {
  for (int i = 0; i < 10'000; ++i) add("line " + std::to_string(i));
  restart(1000);
  EXPECT_EQ(drain(), Step::idle);
  EXPECT_LT(target.texts.size(), 5000U);
  EXPECT_EQ(target.texts.size() + delivery->state().dropped, 10'000U);
}

TEST_F(LogDeliveryTest, tells_the_parts_of_a_long_line) {
  add("begin", false);
  add("end");
  restart();
  drain();
  EXPECT_THAT(target.texts, ElementsAre("begin", "end"));
  EXPECT_EQ(target.last.part, 2U);
  EXPECT_EQ(target.last.line, 0U);
  EXPECT_FALSE(target.last.more);
}

TEST_F(LogDeliveryTest, a_dead_target_is_tried_by_one_container_at_a_time) {
  LogTarget shared;
  const auto now = LogTarget::Clock::now();
  EXPECT_FALSE(shared.ask(now));
  EXPECT_TRUE(shared.failed(now));
  EXPECT_TRUE(shared.ask(now)) << "not at once";
  const auto later = now + std::chrono::seconds(20);
  EXPECT_FALSE(shared.ask(later));
  EXPECT_TRUE(shared.ask(later)) << "somebody is trying";
  EXPECT_FALSE(shared.failed(later)) << "no news";
  shared.succeeded();
  EXPECT_FALSE(shared.ask(later));
}

} // namespace
} // namespace gantry::containers
