#pragma once

#include <chrono>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
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


/// Runs `f` on the pool and resumes the caller on its own executor with f's result or exception.
/// `f` must own (or outlive with the caller's frame) what it refers to.
template <class F>
Task<std::invoke_result_t<F&>> on(Pool& pool, F f) {
  using R = std::invoke_result_t<F&>;
  auto home = co_await boost::asio::this_coro::executor;
  co_await boost::asio::post(pool.executor(), boost::asio::use_awaitable);
  std::exception_ptr failure;
  if constexpr (std::is_void_v<R>) {
    try {
      f();
    } catch (...) {
      failure = std::current_exception();
    }
    co_await boost::asio::post(home, boost::asio::use_awaitable);
    if (failure) std::rethrow_exception(failure);
  } else {
    std::optional<R> result;
    try {
      result.emplace(f());
    } catch (...) {
      failure = std::current_exception();
    }
    co_await boost::asio::post(home, boost::asio::use_awaitable);
    if (failure) std::rethrow_exception(failure);
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
  /// False when the time ran out first.
  Task<bool> wait_for(std::chrono::nanoseconds timeout);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// FIFO mutex for coroutines. Never held while waiting for the outside world.
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
  std::mutex guard_;
  bool held_ = false;
  std::deque<Latch> waiters_;
};

} // namespace gantry
