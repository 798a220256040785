#include "base/error.hpp"
#include "containers/parts.hpp"

namespace gantry::containers {
namespace {

class OutcomeWaiter final : public Waiter {
 public:
  explicit OutcomeWaiter(OutcomePtr outcome) : outcome_(std::move(outcome)) {}
  Task<WaitResult> result() override {
    const OutcomePtr outcome = outcome_;
    co_await outcome->latch.wait();
    co_return outcome->result;
  }

 private:
  OutcomePtr outcome_;
};

OutcomePtr already(const Container& container) {
  auto outcome = std::make_shared<Outcome>();
  outcome->result.status_code = container.exit_code;
  outcome->latch.set();
  return outcome;
}

bool counts_as_running(Phase phase) { return is_running(phase) || phase == Phase::restarting || phase == Phase::starting; }

} // namespace

std::unique_ptr<Waiter> ContainerService::wait(const std::string& reference, WaitCondition condition) {
  const EntryPtr entry = impl_->parts->index.find(reference);
  if (condition == WaitCondition::removed) {
    auto waiter = std::make_unique<OutcomeWaiter>(entry->removal());
    entry->end_hold();
    return waiter;
  }
  // Registered first: an exit between the two lines is either seen in the snapshot or wakes the waiter.
  OutcomePtr outcome = entry->next_exit();
  const ContainerPtr container = entry->snapshot();
  if (condition == WaitCondition::not_running && !counts_as_running(container->phase)) outcome = already(*container);
  return std::make_unique<OutcomeWaiter>(std::move(outcome));
}

} // namespace gantry::containers
