#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gantry/sdk/runtime.hpp>

#include "base/async.hpp"
#include "containers/container_service.hpp"
#include "containers/model.hpp"

namespace gantry::containers {

/// Something that is going to happen once to a container, with its result.
struct Outcome {
  Latch latch;
  WaitResult result; ///< written before the latch is set
};
using OutcomePtr = std::shared_ptr<Outcome>;

/// The live object behind a container: its current snapshot, who waits for it and what is parked until it starts.
/// `mutex` serialises mutations; everything else is thread-safe by itself.
class Entry {
 public:
  explicit Entry(Container container);

  const std::string id;
  AsyncMutex mutex;
  std::atomic<bool> removing{false};          ///< a removal was asked for and has not failed
  std::atomic<bool> exit_on_next{false};      ///< the next exit is wanted: no restart
  std::atomic<bool> keep_on_exit{false};      ///< a restart is under way: AutoRemove does not apply
  std::int64_t restart_delay_ns = 0;          ///< last back-off; under `mutex`
  std::atomic<std::int64_t> restart_at_ns{0}; ///< the restart policy's plan; means something while it is restarting

  ContainerPtr snapshot() const;
  void publish(Container container);

  OutcomePtr next_exit() const;
  OutcomePtr removal() const { return removal_; }
  /// Wakes everybody who waits for the next exit and begins a new round.
  void release_exit(WaitResult result);
  void release_removal(WaitResult result);

  /// Keeps a client until start; drops parked ones that have hung up. unavailable when too many wait already.
  void park(RuntimeAttach client);
  std::vector<RuntimeAttach> take_parked();

  /// Set to end the delay before a restart; replaced when a new delay begins.
  Latch begin_restart_delay();
  void cancel_restart();

 private:
  mutable std::mutex guard_;
  ContainerPtr snapshot_;
  OutcomePtr next_exit_ = std::make_shared<Outcome>();
  const OutcomePtr removal_ = std::make_shared<Outcome>();
  std::vector<RuntimeAttach> parked_;
  Latch restart_cancel_;
};
using EntryPtr = std::shared_ptr<Entry>;

/// A process of the container exists: Docker's "Running" without "Restarting".
inline bool is_running(Phase phase) { return phase == Phase::running || phase == Phase::paused; }

} // namespace gantry::containers
