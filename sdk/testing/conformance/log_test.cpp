#include <sys/eventfd.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

#include <gantry/testing/fake_host.hpp>
#include <gantry/testing/subject.hpp>

#include "conformance/expect.hpp"
#include "conformance/receiver.hpp"

namespace gantry::driver_test {

namespace {

/// A call that another thread may cancel.
class CancelCall final : public Call {
 public:
  bool cancelled() const override { return cancelled_; }
  int cancel_fd() const override { return event_.get(); }
  std::int64_t deadline_ns() const override { return 0; }
  void progress(std::uint64_t, std::uint64_t) override {}
  void cancel() {
    cancelled_ = true;
    ::eventfd_write(event_.get(), 1);
  }

 private:
  std::atomic<bool> cancelled_ = false;
  UniqueFd event_{::eventfd(0, EFD_CLOEXEC)};
};

class Logs : public ::testing::Test {
 protected:
  void SetUp() override {
    driver_ = subject().log();
    source_.id = std::string(64, 'a');
    source_.name = "box";
    source_.image_id = "sha256:" + std::string(64, 'b');
    source_.image_name = "busybox";
    source_.command = "sh";
    source_.tag = "aaaaaaaaaaaa";
    source_.created_ns = 1'700'000'000'000'000'000;
    source_.options = subject().log_options;
    source_.attributes = {{"role", "test"}};
  }
  LogDriver& driver() { return *driver_; }
  static LogRecord record(const std::string& text, std::uint64_t line = 0) {
    LogRecord record;
    record.time_ns = 1'700'000'000'123'456'789;
    record.text = text;
    record.line = line;
    return record;
  }
  /// The code of the error, none when everything was taken.
  std::optional<Code> write(const std::vector<LogRecord>& records) {
    delivered = 0;
    return failure([&] { driver().write(call, source_.id, records, delivered); });
  }
  void need_target() {
    if (subject().log_target.empty()) GTEST_SKIP() << "no --log-target was given";
  }
  /// As the engine does: again until it arrives.
  void write_until_taken(const std::vector<LogRecord>& records) {
    for (int attempt = 0; attempt < 50 && write(records); ++attempt) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(delivered, records.size());
  }

  FakeCall call;
  LogSource source_;
  std::size_t delivered = 0;

 private:
  std::shared_ptr<LogDriver> driver_;
};

TEST_F(Logs, take_their_own_options) { driver().validate(subject().log_options); }

TEST_F(Logs, refuse_an_option_that_they_do_not_know) {
  auto options = subject().log_options;
  options.emplace_back("no-such-option", "1");
  EXPECT_FAILS(driver().validate(options), Code::invalid);
}

TEST_F(Logs, open_while_the_target_is_away_and_again) {
  driver().open(call, source_);
  source_.name = "renamed";
  driver().open(call, source_);
  driver().close(call, source_.id);
}

TEST_F(Logs, closing_is_repeatable_and_ends_it) {
  driver().close(call, source_.id);
  driver().open(call, source_);
  driver().close(call, source_.id);
  driver().close(call, source_.id);
  EXPECT_EQ(write({record("x")}), Code::not_found);
}

TEST_F(Logs, nothing_counts_as_delivered_while_the_target_is_away) {
  need_target();
  driver().open(call, source_);
  std::optional<Code> code;
  // Over UDP only the second attempt may hear that nobody listens.
  for (int i = 0; i < 2 && !code; ++i) code = write({record("lost-line")});
  EXPECT_EQ(code, Code::unavailable);
  EXPECT_EQ(delivered, 0U);
}

TEST_F(Logs, deliver_records_in_order) {
  need_target();
  Receiver target(subject().log_target);
  driver().open(call, source_);
  EXPECT_EQ(write({record("first-line", 0), record("second-line", 1)}), std::nullopt);
  EXPECT_EQ(delivered, 2U);
  ASSERT_TRUE(target.hears("second-line"));
  EXPECT_LT(target.heard().find("first-line"), target.heard().find("second-line"));
  EXPECT_EQ(write({record("third-line", 2)}), std::nullopt);
  EXPECT_TRUE(target.hears("third-line"));
}

TEST_F(Logs, deliver_when_the_target_has_come_back) {
  need_target();
  driver().open(call, source_);
  {
    Receiver target(subject().log_target);
    write_until_taken({record("early-line")});
    EXPECT_TRUE(target.hears("early-line"));
  }
  write({record("line-into-the-void")});
  Receiver target(subject().log_target);
  write_until_taken({record("late-line")});
  EXPECT_TRUE(target.hears("late-line"));
}

TEST_F(Logs, take_any_bytes_and_long_parts) {
  need_target();
  Receiver target(subject().log_target);
  driver().open(call, source_);
  auto odd = record(std::string("nul\0 and \xff\xfe end", 16), 1);
  odd.err = true;
  auto part = record(std::string(16384, 'x'), 2);
  part.more = true;
  part.part = 1;
  auto rest = record("last-part", 2);
  rest.part = 2;
  EXPECT_EQ(write({odd, record("", 1), part, rest}), std::nullopt);
  EXPECT_TRUE(target.hears("last-part"));
}

TEST_F(Logs, give_up_when_the_call_is_cancelled) {
  need_target();
  Receiver target(subject().log_target); // listens, and takes nothing
  driver().open(call, source_);
  CancelCall cancelled;
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    cancelled.cancel();
  });
  const auto begin = std::chrono::steady_clock::now();
  const std::vector<LogRecord> many(2000, record(std::string(16384, 'x')));
  (void)failure([&] { driver().write(cancelled, source_.id, many, delivered); });
  later.join();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(8));
}

} // namespace

} // namespace gantry::driver_test
