#include "containers/background.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>

#include "base/error.hpp"
#include "base/log.hpp"

namespace gantry::containers {
namespace asio = boost::asio;

namespace {

struct Job {
  explicit Job(const asio::any_io_executor& executor) : strand(asio::make_strand(executor)) {}
  asio::strand<asio::any_io_executor> strand;
  asio::cancellation_signal signal; ///< used on the strand only
};

void cancel(std::shared_ptr<Job> job) {
  auto strand = job->strand;
  asio::post(strand, [job = std::move(job)] { job->signal.emit(asio::cancellation_type::terminal); });
}

} // namespace

struct Background::State {
  explicit State(asio::any_io_executor e) : executor(std::move(e)) {}

  void finished(std::uint64_t key) {
    const std::lock_guard lock(guard);
    jobs.erase(key);
    if (stopping && jobs.empty()) idle.set();
  }

  asio::any_io_executor executor;
  std::mutex guard;
  std::map<std::uint64_t, std::shared_ptr<Job>> jobs;
  std::uint64_t next_key = 0;
  bool stopping = false;
  Latch idle;
};

bool is_cancellation(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& e) {
    return e.code() == asio::error::operation_aborted;
  } catch (const Error& e) {
    return e.code() == Code::cancelled;
  } catch (...) {
    return false;
  }
}

Background::Background(asio::any_io_executor executor) : state_(std::make_shared<State>(std::move(executor))) {}

Canceller Background::spawn(std::function<Task<void>()> make) {
  auto job = std::make_shared<Job>(state_->executor);
  std::uint64_t key = 0;
  {
    const std::lock_guard lock(state_->guard);
    if (state_->stopping) return {};
    key = state_->next_key++;
    state_->jobs.emplace(key, job);
  }
  auto done = [state = state_, job, key](const std::exception_ptr& failure) {
    try {
      if (failure && !is_cancellation(failure)) std::rethrow_exception(failure);
    } catch (const std::exception& e) {
      log::error(e.what());
    }
    state->finished(key);
  };
  asio::co_spawn(job->strand, std::move(make), asio::bind_cancellation_slot(job->signal.slot(), std::move(done)));
  return Canceller([weak = std::weak_ptr(job)] {
    if (auto alive = weak.lock()) cancel(std::move(alive));
  });
}

Task<void> Background::stop() {
  {
    const std::lock_guard lock(state_->guard);
    state_->stopping = true;
    if (state_->jobs.empty()) co_return;
    for (auto& [key, job] : state_->jobs) cancel(job);
  }
  Latch idle = state_->idle;
  co_await idle.wait();
}

namespace {

/// Released again before the caller closes the descriptor, also when the wait is cancelled.
struct Borrowed {
  Borrowed(const asio::any_io_executor& executor, int fd) : stream(executor, fd) {}
  ~Borrowed() { stream.release(); }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;
  asio::posix::stream_descriptor stream;
};

/// What the timer's handler may still look at when the wait is over.
struct TimedWait {
  TimedWait(const asio::any_io_executor& executor, asio::posix::stream_descriptor& waited) : timer(executor), stream(&waited) {}
  asio::steady_timer timer;
  asio::posix::stream_descriptor* stream; ///< while it is waited for
  bool timed_out = false;
};

/// However the wait ends.
struct EndOfWait {
  std::shared_ptr<TimedWait> wait;
  explicit EndOfWait(std::shared_ptr<TimedWait> w) : wait(std::move(w)) {}
  EndOfWait(const EndOfWait&) = delete;
  EndOfWait& operator=(const EndOfWait&) = delete;
  ~EndOfWait() {
    wait->stream = nullptr;
    wait->timer.cancel();
  }
};

} // namespace

Task<void> readable(int fd) {
  auto executor = co_await asio::this_coro::executor;
  Borrowed borrowed(executor, fd);
  co_await borrowed.stream.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
}

Task<bool> ready_for(int fd, Direction direction, std::chrono::nanoseconds timeout) {
  auto executor = co_await asio::this_coro::executor;
  Borrowed borrowed(executor, fd);
  auto wait = std::make_shared<TimedWait>(executor, borrowed.stream);
  const EndOfWait end(wait);
  wait->timer.expires_after(timeout);
  auto give_up = [wait](const boost::system::error_code& cancelled) {
    if (cancelled || !wait->stream) return;
    wait->timed_out = true;
    wait->stream->cancel();
  };
  wait->timer.async_wait(std::move(give_up));
  const auto kind =
      direction == Direction::read ? asio::posix::stream_descriptor::wait_read : asio::posix::stream_descriptor::wait_write;
  boost::system::error_code failed;
  co_await borrowed.stream.async_wait(kind, asio::redirect_error(asio::use_awaitable, failed));
  if (wait->timed_out) co_return false;
  if (failed) throw boost::system::system_error(failed);
  co_return true;
}

} // namespace gantry::containers
