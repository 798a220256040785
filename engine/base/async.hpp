#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

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

/// `on` for a function without a result. In a source file, since every instantiation of Asio's machinery costs seconds to
/// compile.
Task<void> run_on(Pool& pool, std::function<void()> f);

/// Runs `f` on the pool and resumes the caller on its own executor with f's result or exception. Cancellation is seen
/// before `f` begins, never while it runs: what f did is always told to the caller, who is always back home first.
/// `f` must own (or outlive with the caller's frame) what it refers to.
template <class F>
Task<std::invoke_result_t<F&>> on(Pool& pool, F f) {
  using Result = std::invoke_result_t<F&>;
  if constexpr (std::is_void_v<Result>) {
    std::function<void()> run = [&f] { f(); };
    co_await run_on(pool, std::move(run));
  } else {
    std::optional<Result> result;
    std::function<void()> run = [&f, &result] { result.emplace(f()); };
    co_await run_on(pool, std::move(run));
    co_return std::move(*result);
  }
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
