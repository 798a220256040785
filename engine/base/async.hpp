#pragma once

#include <chrono>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

// The engine's few asynchronous building blocks. Coroutines run on the I/O threads; whatever may block (drivers,
// SQLite writes, unpacking) goes through `on(pool, f)`.
namespace gantry {

template <class T>
using Task = boost::asio::awaitable<T>;

/// Bounded pool of threads for blocking calls. Destruction joins. Any thread may submit.
class Pool {
 public:
  explicit Pool(std::size_t threads) : pool_(threads) {}
  boost::asio::thread_pool::executor_type executor() { return pool_.get_executor(); }
  void join() { pool_.join(); }

 private:
  boost::asio::thread_pool pool_;
};

/// Runs `f` on the pool and resumes the caller on its own executor with f's result or exception. Cancellation is seen
/// before `f` begins, never while it runs: what f did is always told to the caller, who is always back home first.
/// `f` must own (or outlive with the caller's frame) what it refers to.
template <class F>
Task<std::invoke_result_t<F&>> on(Pool& pool, F f) {
  namespace asio = boost::asio;
  auto home = co_await asio::this_coro::executor;
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  std::packaged_task<std::invoke_result_t<F&>()> task(std::move(f));
  auto result = task.get_future();
  // The token carries the executor: post(ex, use_awaitable) would resume on the coroutine's own executor, not on the pool.
  auto to_pool = asio::bind_executor(pool.executor(), asio::use_awaitable);
  co_await asio::post(to_pool);
  task();
  co_await asio::post(home, asio::use_awaitable);
  co_await asio::this_coro::throw_if_cancelled(throws);
  co_return result.get();
}

/// One-shot event that any number of coroutines wait for. set() may come from any thread; waiting after set returns at
/// once.
class Latch {
 public:
  Latch();
  void set();
  bool is_set() const;
  Task<void> wait();
  /// False when the time ran out first. Both waits throw Code::cancelled when their coroutine is cancelled.
  Task<bool> wait_for(std::chrono::nanoseconds timeout);

 private:
  struct State;
  class Sleeper;
  static Task<bool> wait_until(std::shared_ptr<State> state, std::chrono::steady_clock::time_point deadline);
  std::shared_ptr<State> state_;
};

/// FIFO mutex for coroutines. Never held while waiting for the outside world. A cancelled lock() leaves the queue.
class AsyncMutex {
 public:
  class Guard {
   public:
    Guard() = default;
    explicit Guard(AsyncMutex* mutex) : mutex_(mutex) {}
    Guard(Guard&& o) noexcept : mutex_(std::exchange(o.mutex_, nullptr)) {}
    Guard& operator=(Guard&& o) noexcept {
      if (this != &o) {
        unlock();
        mutex_ = std::exchange(o.mutex_, nullptr);
      }
      return *this;
    }
    ~Guard() { unlock(); }
    void unlock() {
      if (auto* m = std::exchange(mutex_, nullptr)) m->release();
    }

   private:
    AsyncMutex* mutex_ = nullptr;
  };

  Task<Guard> lock();

 private:
  void release();
  void leave(const std::shared_ptr<Latch>& turn);

  std::mutex guard_;
  bool held_ = false;
  std::deque<std::shared_ptr<Latch>> waiters_;
};

} // namespace gantry
