#include "usage-common/shared_walks.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "fixture.hpp"

namespace gantry::usage {
namespace {

/// `askers` threads ask at once for what takes a while; how many walks that takes.
int walks_for(SharedWalks<int>& walks, int askers, const std::string& key) {
  storage_overlay::test::TestCall call;
  std::atomic<int> made = 0, waiting = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < askers; ++i) {
    threads.emplace_back([&] {
      ++waiting;
      const int result = walks.get(call, key, [&] {
        ++made;
        while (waiting < askers) std::this_thread::yield();
        std::this_thread::sleep_for(std::chrono::milliseconds(50)); // the last one is on its way in
        return 7;
      });
      EXPECT_EQ(result, 7);
    });
  }
  for (auto& thread : threads) thread.join();
  return made;
}

TEST(SharedWalks, one_walk_serves_all_who_ask_meanwhile) {
  SharedWalks<int> walks;
  EXPECT_EQ(walks_for(walks, 16, "tree"), 1);
}

TEST(SharedWalks, a_walk_of_no_time_is_made_anew) {
  storage_overlay::test::TestCall call;
  SharedWalks<int> walks;
  int made = 0;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(walks.get(call, "tree", [&] { return ++made; }), i + 1);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

TEST(SharedWalks, a_failure_is_told_and_not_kept) {
  storage_overlay::test::TestCall call;
  SharedWalks<int> walks;
  EXPECT_THROW(walks.get(call, "tree", []() -> int { throw Error(Code::internal, "broken"); }), Error);
  EXPECT_EQ(walks.get(call, "tree", [] { return 3; }), 3);
}

TEST(SharedWalks, what_another_has_cancelled_is_made_again) {
  storage_overlay::test::TestCall call;
  SharedWalks<int> walks;
  std::atomic<bool> begun = false;
  std::thread cancelled([&] {
    EXPECT_THROW(walks.get(call, "tree",
                           [&]() -> int {
                             begun = true;
                             std::this_thread::sleep_for(std::chrono::milliseconds(50));
                             throw Error(Code::cancelled, "cancelled");
                           }),
                 Error);
  });
  while (!begun) std::this_thread::yield();
  EXPECT_EQ(walks.get(call, "tree", [] { return 4; }), 4);
  cancelled.join();
}

TEST(SharedWalks, trees_do_not_wait_for_each_other) {
  storage_overlay::test::TestCall call;
  SharedWalks<int> walks;
  EXPECT_EQ(walks.get(call, "one", [&] { return walks.get(call, "two", [] { return 5; }); }), 5);
}

} // namespace
} // namespace gantry::usage
