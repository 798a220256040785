#include "containers/remove.hpp"

#include "base/error.hpp"
#include "containers/driver_call.hpp"
#include "containers/exit.hpp"
#include "containers/failpoints.hpp"
#include "containers/signal_container.hpp"
#include "containers/volumes.hpp"

namespace gantry::containers {
namespace {

/// For log lines that a plugin's driver has not taken yet.
constexpr std::chrono::seconds last_flush{3};

void erase_everything(Parts& parts, Entry& entry) {
  DriverCall call;
  failpoint("remove.after_phase");
  parts.drivers.runtime.remove(call, entry.id, true);
  failpoint("remove.after_runtime");
  // One that ended, and is removed by the next daemon before that has begun to look after its log.
  const ContainerPtr container = entry.snapshot();
  if (parts.drivers.logs.contains(container->host_config.log_config.type)) parts.logs.keep(*container);
  parts.logs.finish(entry.id, last_flush);
  parts.drivers.storage.remove(call, entry.id);
  failpoint("remove.after_storage");
  parts.trash.throw_away(parts.paths.container(entry.id));
  failpoint("remove.after_directory");
  release_volumes(parts, *container);
  failpoint("remove.after_volumes");
  parts.store.erase(entry.id);
  failpoint("remove.after_row");
}

void mark_dead(Parts& parts, Entry& entry, const std::string& error) {
  parts.apply_fact(entry, [&](Container& c) {
    c.phase = Phase::dead;
    c.error = error;
  });
  entry.removing = false;
  WaitResult result;
  result.status_code = entry.snapshot()->exit_code;
  result.error = error;
  entry.release_removal(std::move(result));
}

[[noreturn]] void refuse_running(const Container& container) {
  const std::string why = container.phase == Phase::paused ? "container is paused and must be unpaused first"
                                                           : "container is " + std::string(docker_status(container.phase)) +
                                                                 ": stop the container before removing or force remove";
  throw Error(Code::forbidden_state, "cannot remove container \"" + container.name + "\": " + why);
}

bool is_live(Phase phase) { return is_running(phase) || phase == Phase::restarting; }

/// Ends the container if that is allowed; the mutex is not held while it dies.
Task<void> end(PartsPtr parts, EntryPtr entry, bool force) {
  OutcomePtr exit;
  {
    auto guard = co_await entry->mutex.lock();
    const ContainerPtr container = entry->snapshot();
    if (!is_live(container->phase)) co_return;
    if (!force) refuse_running(*container);
    entry->cancel_restart();
    exit = entry->next_exit();
    if (container->phase == Phase::restarting) {
      auto leave = [parts, entry] { end_restart(*parts, *entry); };
      co_await on(parts->pool, std::move(leave));
      co_return;
    }
    auto job = [parts, entry] { signal_container(*parts, *entry, 9); };
    co_await on(parts->pool, std::move(job));
  }
  co_await wait_for_death(exit, entry->id);
}

} // namespace

void destroy(Parts& parts, Entry& entry, WithVolumes with_volumes) {
  std::string error;
  try {
    const Phase phase = entry.snapshot()->phase;
    if (phase != Phase::removing) {
      parts.apply(entry, [&](Container& c) {
        c.phase = Phase::removing;
        c.removes_volumes = with_volumes == WithVolumes::yes || c.host_config.auto_remove;
      });
    }
    erase_everything(parts, entry);
  } catch (const std::exception& e) {
    error = e.what();
  }
  if (!error.empty()) {
    mark_dead(parts, entry, error);
    throw internal("container " + entry.id + ": removal failed: " + error);
  }
  const ContainerPtr container = entry.snapshot();
  entry.take_parked();
  parts.execs.erase_container(entry.id);
  parts.index.erase(*container);
  parts.publish(*container, "destroy");
  WaitResult result;
  result.status_code = container->exit_code;
  entry.release_removal(std::move(result));
}

Task<void> ContainerService::remove(std::string reference, RemoveOptions options) {
  const PartsPtr parts = impl_->parts;
  const EntryPtr entry = parts->index.find(reference);
  if (options.link) throw not_implemented("legacy links are not supported: nothing to remove for " + reference);
  if (entry->removing.exchange(true)) {
    throw Error(Code::forbidden_state, "removal of container " + reference + " is already in progress");
  }
  std::exception_ptr failure;
  try {
    co_await end(parts, entry, options.force);
    auto guard = co_await entry->mutex.lock();
    const auto volumes = options.volumes ? WithVolumes::yes : WithVolumes::no;
    auto job = [parts, entry, volumes] { destroy(*parts, *entry, volumes); };
    co_await on(parts->pool, std::move(job));
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    entry->removing = false;
    std::rethrow_exception(failure);
  }
}

} // namespace gantry::containers
