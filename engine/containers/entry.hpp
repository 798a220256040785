#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gantry/sdk/runtime.hpp>

#include "base/async.hpp"
#include "containers/background.hpp"
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
  std::atomic<int> keep_on_exit{0};           ///< restarts are under way: AutoRemove does not apply
  std::atomic<bool> restart_on_exit{false};   ///< it was ended to be started again, whatever its policy says
  std::atomic<int> restart_by_user{0};        ///< its next exit is the first half of a restart that users asked for
  std::int64_t restart_delay_ns = 0;          ///< last back-off; under `mutex`
  std::atomic<std::int64_t> restart_at_ns{0}; ///< the restart policy's plan; means something while it is restarting

  ContainerPtr snapshot() const;
  void publish(Container container);

  OutcomePtr next_exit() const;
  /// Set when this run has written everything and somebody follows its log, before its exit is recorded and published.
  OutcomePtr end_of_output() const;
  OutcomePtr removal() const;
  /// Wakes everybody who waits for the next exit and begins a new round.
  void release_exit(WaitResult result);
  void release_output();
  /// The same for the end of a removal; a new round begins only when it failed.
  void release_removal(WaitResult result);

  /// Who follows the log; `unfollowed` is set while nobody does.
  void begin_following();
  void end_following();
  Latch unfollowed() const;

  /// Keeps a client until start; drops parked ones that have hung up. unavailable when too many wait already.
  void park(RuntimeAttach client);
  std::vector<RuntimeAttach> take_parked();

  /// Set to end the delay before a restart; replaced when a new delay begins.
  Latch begin_restart_delay();
  void cancel_restart();

  /// AutoRemove is put off until end_hold or for some time: see auto_remove.hpp.
  Latch begin_hold();
  void end_hold();
  bool is_held() const;

  /// A round of health checks: what begins ends the one before. `is_current` tells a straggler that its round is over.
  std::uint64_t begin_health_round();
  void set_health_watch(Canceller watch);
  void end_health_round();
  bool is_current(std::uint64_t health_round) const { return health_round_ == health_round; }

 private:
  mutable std::mutex guard_;
  ContainerPtr snapshot_;
  OutcomePtr next_exit_ = std::make_shared<Outcome>();
  OutcomePtr end_of_output_ = std::make_shared<Outcome>();
  OutcomePtr removal_ = std::make_shared<Outcome>();
  unsigned followers_ = 0;
  Latch unfollowed_; ///< of the followers there are; of no use without
  std::vector<RuntimeAttach> parked_;
  Latch restart_cancel_;
  std::optional<Latch> hold_;
  std::atomic<std::uint64_t> health_round_{0};
  Canceller health_watch_;
};
using EntryPtr = std::shared_ptr<Entry>;

/// A process of the container exists: Docker's "Running" without "Restarting".
inline bool is_running(Phase phase) { return phase == Phase::running || phase == Phase::paused; }

} // namespace gantry::containers
