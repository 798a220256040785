#include "containers/background.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>

#include "base/error.hpp"
#include "base/log.hpp"

namespace gantry::containers {
namespace asio = boost::asio;

struct Background::State {
  struct Job {
    explicit Job(const asio::any_io_executor& executor) : strand(asio::make_strand(executor)) {}
    asio::strand<asio::any_io_executor> strand;
    asio::cancellation_signal signal; ///< used on the strand only
  };

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

Background::Background(asio::any_io_executor executor) : state_(std::make_shared<State>(std::move(executor))) {}

void Background::spawn(std::function<Task<void>()> make) {
  auto job = std::make_shared<State::Job>(state_->executor);
  std::uint64_t key = 0;
  {
    const std::lock_guard lock(state_->guard);
    if (state_->stopping) return;
    key = state_->next_key++;
    state_->jobs.emplace(key, job);
  }
  auto done = [state = state_, job, key](const std::exception_ptr& failure) {
    try {
      if (failure) std::rethrow_exception(failure);
    } catch (const boost::system::system_error& e) {
      if (e.code() != asio::error::operation_aborted) log::error(e.what());
    } catch (const Error& e) {
      if (e.code() != Code::cancelled) log::error(e.what());
    } catch (const std::exception& e) {
      log::error(e.what());
    }
    state->finished(key);
  };
  asio::co_spawn(job->strand, std::move(make), asio::bind_cancellation_slot(job->signal.slot(), std::move(done)));
}

Task<void> Background::stop() {
  {
    const std::lock_guard lock(state_->guard);
    state_->stopping = true;
    if (state_->jobs.empty()) co_return;
    for (auto& [key, job] : state_->jobs) {
      asio::post(job->strand, [job = job] { job->signal.emit(asio::cancellation_type::terminal); });
    }
  }
  Latch idle = state_->idle;
  co_await idle.wait();
}

Task<void> readable(int fd) {
  auto executor = co_await asio::this_coro::executor;
  // Borrowed: released again before the caller closes it, also when the wait is cancelled.
  struct Borrowed {
    asio::posix::stream_descriptor stream;
    ~Borrowed() { stream.release(); }
  };
  Borrowed borrowed{asio::posix::stream_descriptor(executor, fd)};
  co_await borrowed.stream.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
}

} // namespace gantry::containers
