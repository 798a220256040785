#include "base/async.hpp"

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "base/error.hpp"

namespace asio = boost::asio;
using namespace gantry;
using namespace std::chrono_literals;

namespace {

Task<std::thread::id> ask_thread(Pool& pool) {
  auto ask = [] { return std::this_thread::get_id(); };
  co_return co_await on(pool, ask);
}

TEST(On, runs_on_the_pool_and_resumes_at_home) {
  asio::io_context io;
  Pool pool(1);
  const auto here = std::this_thread::get_id();
  std::thread::id there, after;
  auto body = [](Pool& p, std::thread::id& t, std::thread::id& a) -> Task<void> {
    t = co_await ask_thread(p);
    a = std::this_thread::get_id();
  };
  asio::co_spawn(io, body(pool, there, after), asio::detached);
  io.run();
  EXPECT_NE(there, here);
  EXPECT_EQ(after, here);
}

TEST(On, hands_over_exceptions_and_move_only_results) {
  asio::io_context io;
  Pool pool(1);
  auto body = [](Pool& p) -> Task<int> {
    auto make = [] { return std::make_unique<int>(42); };
    auto made = co_await on(p, make);
    auto fail = [] { throw not_found("no such thing"); };
    try {
      co_await on(p, fail);
    } catch (const Error& e) {
      if (e.code() == Code::not_found) co_return *made;
    }
    co_return 0;
  };
  auto result = asio::co_spawn(io, body(pool), asio::use_future);
  io.run();
  EXPECT_EQ(result.get(), 42);
}

TEST(On, tells_what_was_done_even_when_cancelled_meanwhile) {
  asio::io_context io;
  Pool pool(1);
  asio::cancellation_signal cancel;
  int done = 0;
  std::thread::id after;
  auto body = [](Pool& p, asio::cancellation_signal& c, asio::io_context& home, int& d, std::thread::id& a) -> Task<void> {
    auto work = [&] {
      std::promise<void> cancelled;
      auto emit = [&] {
        c.emit(asio::cancellation_type::terminal);
        cancelled.set_value();
      };
      asio::post(home, emit);
      cancelled.get_future().wait();
      return 7;
    };
    d = co_await on(p, work);
    a = std::this_thread::get_id();
  };
  asio::co_spawn(io, body(pool, cancel, io, done, after), asio::bind_cancellation_slot(cancel.slot(), asio::detached));
  io.run();
  EXPECT_EQ(done, 7);
  EXPECT_EQ(after, std::this_thread::get_id());
}

Task<void> count_after(Latch latch, std::atomic<int>& count) {
  co_await latch.wait();
  ++count;
}

TEST(Latch, releases_every_waiter_on_any_executor) {
  asio::io_context io;
  Pool pool(2);
  Latch latch;
  std::atomic<int> count = 0;
  for (int i = 0; i < 50; ++i) {
    asio::co_spawn(io, count_after(latch, count), asio::detached);
    asio::co_spawn(pool.executor(), count_after(latch, count), asio::detached);
  }
  asio::post(pool.executor(), [latch]() mutable { latch.set(); });
  io.run();
  pool.join();
  EXPECT_EQ(count, 100);
  EXPECT_TRUE(latch.is_set());
}

TEST(Latch, does_not_wait_once_it_is_set) {
  asio::io_context io;
  Latch latch;
  latch.set();
  std::atomic<int> count = 0;
  asio::co_spawn(io, count_after(latch, count), asio::detached);
  io.run();
  EXPECT_EQ(count, 1);
}

TEST(Latch, wait_for_tells_whether_the_time_ran_out) {
  asio::io_context io;
  Latch never, set;
  set.set();
  auto body = [](Latch a, Latch b) -> Task<std::pair<bool, bool>> {
    const bool first = co_await a.wait_for(1ms);
    const bool second = co_await b.wait_for(1h);
    co_return std::pair(first, second);
  };
  auto result = asio::co_spawn(io, body(never, set), asio::use_future);
  io.run();
  EXPECT_EQ(result.get(), std::pair(false, true));
}

TEST(Latch, a_cancelled_wait_throws_cancelled) {
  asio::io_context io;
  Latch latch;
  asio::cancellation_signal cancel;
  Code code = Code::unknown;
  auto body = [](Latch l, Code& c) -> Task<void> {
    try {
      co_await l.wait();
    } catch (const Error& e) {
      c = e.code();
    }
  };
  asio::co_spawn(io, body(latch, code), asio::bind_cancellation_slot(cancel.slot(), asio::detached));
  asio::post(io, [&] { cancel.emit(asio::cancellation_type::terminal); });
  io.run();
  EXPECT_EQ(code, Code::cancelled);
}

Task<void> note_turn(AsyncMutex& mutex, Latch go, int number, std::vector<int>& order) {
  auto guard = co_await mutex.lock();
  co_await go.wait();
  order.push_back(number);
}

TEST(AsyncMutex, lets_waiters_in_one_at_a_time_in_order) {
  asio::io_context io;
  AsyncMutex mutex;
  Latch go;
  std::vector<int> order;
  for (int i = 0; i < 5; ++i) asio::co_spawn(io, note_turn(mutex, go, i, order), asio::detached);
  asio::post(io, [go]() mutable { go.set(); });
  io.run();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST(AsyncMutex, excludes_across_threads) {
  Pool pool(4);
  AsyncMutex mutex;
  int count = 0, inside = 0, worst = 0;
  auto body = [](AsyncMutex& m, int& c, int& i, int& w) -> Task<void> {
    for (int n = 0; n < 200; ++n) {
      auto guard = co_await m.lock();
      w = std::max(w, ++i);
      ++c;
      --i;
    }
  };
  for (int i = 0; i < 8; ++i) asio::co_spawn(pool.executor(), body(mutex, count, inside, worst), asio::detached);
  pool.join();
  EXPECT_EQ(count, 1600);
  EXPECT_EQ(worst, 1);
}

TEST(AsyncMutex, a_cancelled_waiter_leaves_the_queue) {
  asio::io_context io;
  AsyncMutex mutex;
  Latch go;
  asio::cancellation_signal cancel;
  std::vector<int> order;
  asio::co_spawn(io, note_turn(mutex, go, 0, order), asio::detached);
  std::exception_ptr failure;
  auto ended = [&](std::exception_ptr e) { failure = e; };
  asio::co_spawn(io, note_turn(mutex, go, 1, order), asio::bind_cancellation_slot(cancel.slot(), ended));
  asio::co_spawn(io, note_turn(mutex, go, 2, order), asio::detached);
  asio::post(io, [&] {
    cancel.emit(asio::cancellation_type::terminal);
    go.set();
  });
  io.run();
  EXPECT_TRUE(failure);
  EXPECT_EQ(order, (std::vector<int>{0, 2}));
}

} // namespace
