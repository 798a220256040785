#include "build/stage_runner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>

#include "base/error.hpp"
#include "build/in_flight.hpp"

namespace gantry::build {
namespace {

using ::testing::ElementsAre;

/// Lets threads meet: `reach` blocks until `wanted` of them are there.
class Meeting {
 public:
  explicit Meeting(int wanted) : wanted_(wanted) {}
  /// False when the others do not come.
  bool reach() {
    std::unique_lock lock(guard_);
    ++here_;
    changed_.notify_all();
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return here_ >= wanted_; });
  }

 private:
  std::mutex guard_;
  std::condition_variable changed_;
  int wanted_, here_ = 0;
};

registry::CancelPtr cancel() { return std::make_shared<registry::Cancel>(); }

TEST(StageRunner, independent_stages_run_at_the_same_time) {
  StageRunner runner({true, true, true}, {-1, -1, -1}, cancel());
  Meeting all(3);
  std::atomic<int> met = 0;
  runner.run([&](std::size_t) { met += all.reach() ? 1 : 0; });
  EXPECT_EQ(met, 3);
}

TEST(StageRunner, a_stage_waits_for_its_base_and_for_what_it_copies_from) {
  StageRunner runner({true, true, true}, {-1, 0, -1}, cancel());
  std::mutex guard;
  std::vector<std::string> order;
  const auto note = [&](const std::string& text) {
    const std::lock_guard lock(guard);
    order.push_back(text);
  };
  runner.run([&](std::size_t stage) {
    if (stage == 2) runner.wait(2, 1);
    note("built " + std::to_string(stage));
  });
  EXPECT_THAT(order, ElementsAre("built 0", "built 1", "built 2"));
}

TEST(StageRunner, unneeded_stages_are_skipped) {
  StageRunner runner({false, true, false, true}, {-1, -1, 1, -1}, cancel());
  std::mutex guard;
  std::set<std::size_t> built;
  runner.run([&](std::size_t stage) {
    const std::lock_guard lock(guard);
    built.insert(stage);
  });
  EXPECT_THAT(built, ElementsAre(1, 3));
}

TEST(StageRunner, no_more_run_at_once_than_allowed) {
  const std::size_t many = 40;
  StageRunner runner(std::vector<bool>(many, true), std::vector<int>(many, -1), cancel(), {2, 4});
  std::atomic<int> running = 0, most = 0, built = 0;
  runner.run([&](std::size_t) {
    const int now = ++running;
    for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
    }
    ++built;
    --running;
  });
  EXPECT_EQ(built, 40);
  EXPECT_LE(most, 3); // the first that has not ended is above the limit
}

TEST(StageRunner, stages_that_wait_do_not_hold_up_the_one_they_wait_for) {
  // All but the first wait for the one before them, with one place only.
  const std::size_t many = 20;
  StageRunner runner(std::vector<bool>(many, true), std::vector<int>(many, -1), cancel(), {1, 3});
  std::atomic<int> built = 0;
  runner.run([&](std::size_t stage) {
    if (stage > 0) runner.wait(stage, stage - 1);
    ++built;
  });
  EXPECT_EQ(built, 20);
}

TEST(StageRunner, a_failure_ends_the_others_and_is_the_one_that_is_told) {
  const auto stop = cancel();
  StageRunner runner({true, true, true}, {-1, -1, 0}, stop);
  Meeting both(2);
  const auto build = [&](std::size_t stage) {
    both.reach();
    if (stage == 1) throw invalid("stage 1 is broken");
    registry::Cancel::Subscription none(*stop, [] {});
    while (!stop->is_set()) std::this_thread::yield();
    stop->check();
  };
  try {
    runner.run(build);
    FAIL() << "no failure";
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), "stage 1 is broken");
  }
  EXPECT_EQ(runner.failed(), 1U);
}

TEST(StageRunner, a_cancel_ends_those_that_run_and_those_that_wait) {
  const auto stop = cancel();
  StageRunner runner({true, true, true}, {-1, -1, 0}, stop);
  std::atomic<bool> third = false;
  const auto build = [&](std::size_t stage) {
    if (stage == 2) third = true;
    if (stage == 1) runner.wait(1, 0);
    if (stage == 0) stop->set();
    stop->check();
  };
  EXPECT_THROW(runner.run(build), Error);
  EXPECT_FALSE(third);
  EXPECT_FALSE(runner.failed());
}

TEST(InFlight, the_second_at_a_step_waits_for_the_first) {
  InFlight all(cancel());
  std::optional<InFlight::Claim> first;
  first.emplace(all, "a");
  const InFlight::Claim other(all, "b");
  std::atomic<bool> done = false;
  std::thread second([&] {
    const InFlight::Claim claim(all, "a");
    EXPECT_TRUE(done);
  });
  done = true;
  first.reset();
  second.join();
}

TEST(InFlight, a_cancel_ends_the_wait) {
  const auto stop = cancel();
  InFlight all(stop);
  const InFlight::Claim first(all, "a");
  std::thread second([&] { EXPECT_THROW(InFlight::Claim(all, "a"), Error); });
  stop->set();
  second.join();
}

} // namespace
} // namespace gantry::build
