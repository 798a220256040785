#include "base/async.hpp"

#include <algorithm>
#include <tuple>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/error.hpp"

namespace gantry {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

Task<void> run_on(Pool& pool, std::function<void()> f) {
  auto home = co_await asio::this_coro::executor;
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  // The token carries the executor: post(ex, use_awaitable) would resume on the coroutine's own executor, not on the pool.
  auto to_pool = asio::bind_executor(pool.executor(), asio::use_awaitable);
  co_await asio::post(to_pool);
  std::exception_ptr failure;
  try {
    f();
  } catch (...) {
    failure = std::current_exception();
  }
  co_await asio::post(home, asio::use_awaitable);
  co_await asio::this_coro::throw_if_cancelled(throws);
  if (failure) std::rethrow_exception(failure);
}

struct Latch::State {
  std::mutex guard;
  bool set = false;
  std::vector<asio::steady_timer*> sleepers;
};

/// One waiting coroutine: a timer on its executor that set() cuts short. The latch's mutex orders every use of the timer,
/// so the waiter's executor need not be a strand.
class Latch::Sleeper {
 public:
  Sleeper(std::shared_ptr<State> state, const asio::any_io_executor& executor, Clock::time_point deadline)
      : state_(std::move(state)), timer_(executor, deadline) {
    std::lock_guard lock(state_->guard);
    state_->sleepers.push_back(&timer_);
  }
  ~Sleeper() {
    std::lock_guard lock(state_->guard);
    std::erase(state_->sleepers, &timer_);
  }
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;

  template <class Handler>
  void start(Handler&& handler) {
    std::lock_guard lock(state_->guard);
    if (state_->set) timer_.expires_at(Clock::time_point::min());
    timer_.async_wait(std::forward<Handler>(handler));
  }

 private:
  std::shared_ptr<State> state_;
  asio::steady_timer timer_;
};

Latch::Latch() : state_(std::make_shared<State>()) {}

void Latch::set() {
  std::lock_guard lock(state_->guard);
  state_->set = true;
  for (auto* timer : state_->sleepers) timer->cancel();
}

bool Latch::is_set() const {
  std::lock_guard lock(state_->guard);
  return state_->set;
}

Task<bool> Latch::wait_until(std::shared_ptr<State> state, Clock::time_point deadline) {
  Latch self;
  self.state_ = state;
  if (self.is_set()) co_return true;
  auto executor = co_await asio::this_coro::executor;
  Sleeper sleeper(state, executor, deadline);
  auto start = [&sleeper](auto&& handler) { sleeper.start(std::forward<decltype(handler)>(handler)); };
  auto token = asio::as_tuple(asio::use_awaitable);
  using Ended = std::tuple<boost::system::error_code>;
  const Ended ended = co_await asio::async_initiate<decltype(token), void(boost::system::error_code)>(start, token);
  if (self.is_set()) co_return true;
  if (std::get<0>(ended)) throw Error(Code::cancelled, "the wait was cancelled");
  co_return false;
}

Task<void> Latch::wait() { co_await wait_until(state_, Clock::time_point::max()); }

Task<bool> Latch::wait_for(std::chrono::nanoseconds timeout) {
  const auto now = Clock::now();
  const bool endless = timeout >= Clock::time_point::max() - now;
  co_return co_await wait_until(state_, endless ? Clock::time_point::max() : now + timeout);
}

Task<AsyncMutex::Guard> AsyncMutex::lock() {
  auto turn = std::make_shared<Latch>();
  {
    std::lock_guard lock(guard_);
    if (held_) {
      waiters_.push_back(turn);
    } else {
      held_ = true;
      turn->set();
    }
  }
  std::exception_ptr cancelled;
  try {
    co_await turn->wait();
  } catch (...) {
    cancelled = std::current_exception();
  }
  if (cancelled) {
    leave(turn);
    std::rethrow_exception(cancelled);
  }
  co_return Guard(this);
}

void AsyncMutex::leave(const std::shared_ptr<Latch>& turn) {
  {
    std::lock_guard lock(guard_);
    if (std::erase(waiters_, turn) > 0) return;
  }
  release(); // it was handed over in the same moment
}

void AsyncMutex::release() {
  std::lock_guard lock(guard_);
  if (waiters_.empty()) {
    held_ = false;
    return;
  }
  waiters_.front()->set();
  waiters_.pop_front();
}

} // namespace gantry
