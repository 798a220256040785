#include "containers/entry.hpp"

#include <poll.h>

#include <algorithm>

#include "base/error.hpp"

namespace gantry::containers {
namespace {

constexpr std::size_t max_parked = 64;

bool has_hung_up(const RuntimeAttach& client) {
  pollfd poll_fd{client.client.get(), 0, 0};
  return ::poll(&poll_fd, 1, 0) == 1 && (poll_fd.revents & (POLLHUP | POLLERR)) != 0;
}

} // namespace

Entry::Entry(Container container) : id(container.id), snapshot_(std::make_shared<const Container>(std::move(container))) {}

ContainerPtr Entry::snapshot() const {
  const std::lock_guard lock(guard_);
  return snapshot_;
}

void Entry::publish(Container container) {
  auto next = std::make_shared<const Container>(std::move(container));
  const std::lock_guard lock(guard_);
  snapshot_.swap(next);
}

OutcomePtr Entry::next_exit() const {
  const std::lock_guard lock(guard_);
  return next_exit_;
}

OutcomePtr Entry::end_of_output() const {
  const std::lock_guard lock(guard_);
  return end_of_output_;
}

OutcomePtr Entry::removal() const {
  const std::lock_guard lock(guard_);
  return removal_;
}

void Entry::release_exit(WaitResult result) {
  auto next = std::make_shared<Outcome>();
  {
    const std::lock_guard lock(guard_);
    next_exit_.swap(next);
  }
  next->result = std::move(result);
  next->latch.set();
}

void Entry::release_output() {
  auto next = std::make_shared<Outcome>();
  {
    const std::lock_guard lock(guard_);
    end_of_output_.swap(next);
  }
  next->latch.set();
}

void Entry::release_removal(WaitResult result) {
  OutcomePtr ended = removal();
  if (ended->latch.is_set()) return;
  if (!result.error.empty()) {
    // It failed and can be asked for again: whoever waits from now on waits for that.
    const std::lock_guard lock(guard_);
    removal_ = std::make_shared<Outcome>();
  }
  ended->result = std::move(result);
  ended->latch.set();
}

void Entry::begin_following() {
  const std::lock_guard lock(guard_);
  if (followers_++ == 0) unfollowed_ = Latch();
}

void Entry::end_following() {
  const std::lock_guard lock(guard_);
  if (--followers_ == 0) unfollowed_.set();
}

Latch Entry::unfollowed() const {
  const std::lock_guard lock(guard_);
  if (followers_ != 0) return unfollowed_;
  Latch nobody;
  nobody.set();
  return nobody;
}

void Entry::park(RuntimeAttach client) {
  const std::lock_guard lock(guard_);
  std::erase_if(parked_, has_hung_up);
  if (parked_.size() >= max_parked) {
    throw unavailable("container " + id + ": " + std::to_string(max_parked) + " clients wait for its start already");
  }
  parked_.push_back(std::move(client));
}

std::vector<RuntimeAttach> Entry::take_parked() {
  const std::lock_guard lock(guard_);
  return std::exchange(parked_, {});
}

Latch Entry::begin_restart_delay() {
  const std::lock_guard lock(guard_);
  restart_cancel_ = Latch();
  return restart_cancel_;
}

void Entry::cancel_restart() {
  exit_on_next = true;
  Latch latch;
  {
    const std::lock_guard lock(guard_);
    latch = restart_cancel_;
  }
  latch.set();
}

Latch Entry::begin_hold() {
  const std::lock_guard lock(guard_);
  return hold_.emplace();
}

void Entry::end_hold() {
  std::optional<Latch> hold;
  {
    const std::lock_guard lock(guard_);
    hold = hold_;
  }
  if (hold) hold->set();
}

bool Entry::is_held() const {
  const std::lock_guard lock(guard_);
  return hold_ && !hold_->is_set();
}

std::uint64_t Entry::begin_health_round() {
  end_health_round();
  return health_round_;
}

void Entry::set_health_watch(Canceller watch) {
  const std::lock_guard lock(guard_);
  health_watch_ = std::move(watch);
}

void Entry::end_health_round() {
  Canceller watch;
  {
    const std::lock_guard lock(guard_);
    ++health_round_;
    watch = std::exchange(health_watch_, {});
  }
  watch.cancel();
}

} // namespace gantry::containers
