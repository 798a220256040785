#include "cli/streams/output_queue.hpp"

#include <limits.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "cli/streams/demux.hpp"
#include "gantry/sdk/fd.hpp"

namespace gantry::cli {
namespace {

constexpr std::size_t enough = 1 << 20;

/// poll(2) on a pipe: PIPE_BUF bytes will not block.
bool fits(int fd, std::size_t size) {
  pollfd ready{fd, POLLOUT, 0};
  return size <= PIPE_BUF && ::poll(&ready, 1, 0) == 1;
}

} // namespace

struct OutputQueue::State {
  UniqueFd news{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  mutable std::mutex guard;
  std::condition_variable changed;
  std::deque<std::pair<int, std::string>> pieces; ///< the first is being written
  std::size_t bytes = 0;
  std::exception_ptr failure;
  bool has_writer = false, abandoned = false;

  void tell() const {
    const std::uint64_t one = 1;
    (void)!::write(news.get(), &one, sizeof one);
  }
};

OutputQueue::OutputQueue() : state_(std::make_shared<State>()) {}

OutputQueue::~OutputQueue() {
  const std::lock_guard lock(state_->guard);
  state_->abandoned = true;
  state_->changed.notify_all();
}

void OutputQueue::put(int fd, std::string_view data) {
  if (is_empty() && fits(fd, data.size())) return write_all(fd, data);
  const std::lock_guard lock(state_->guard);
  state_->pieces.emplace_back(fd, data);
  state_->bytes += data.size();
  state_->changed.notify_all();
  // Detached: a write that blocks for ever must not keep the client from ending.
  if (!std::exchange(state_->has_writer, true)) std::thread([state = state_] { write_on(state); }).detach();
}

void OutputQueue::write_on(const std::shared_ptr<State>& state) {
  std::unique_lock lock(state->guard);
  for (;;) {
    state->changed.wait(lock, [&] { return state->abandoned || !state->pieces.empty(); });
    if (state->abandoned) return;
    const auto& [fd, data] = state->pieces.front(); // stays where it is while others are added
    lock.unlock();
    std::exception_ptr failure;
    try {
      write_all(fd, data);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    state->bytes -= data.size();
    state->pieces.pop_front();
    if (failure) state->failure = failure;
    state->tell();
  }
}

bool OutputQueue::is_full() const {
  const std::lock_guard lock(state_->guard);
  return state_->bytes >= enough;
}

bool OutputQueue::is_empty() const {
  const std::lock_guard lock(state_->guard);
  return state_->pieces.empty();
}

int OutputQueue::fd() const { return state_->news.get(); }

void OutputQueue::take_news() {
  std::uint64_t count = 0;
  (void)!::read(state_->news.get(), &count, sizeof count);
  const std::lock_guard lock(state_->guard);
  if (const auto failure = std::exchange(state_->failure, nullptr)) std::rethrow_exception(failure);
}

} // namespace gantry::cli
