#include <fcntl.h>
#include <sys/socket.h>

#include "base/error.hpp"
#include "containers/log_policy.hpp"
#include "containers/log_replay.hpp"
#include "containers/parts.hpp"
#include "containers/prompt_call.hpp"
#include "containers/stream_frame.hpp"

namespace gantry::containers {
namespace {

constexpr const char* default_detach_keys = "\x10\x11"; // ctrl-p ctrl-q

RuntimeAttach make_attach(const Container& container, AttachRequest request) {
  RuntimeAttach attach;
  attach.id = container.id;
  attach.client = std::move(request.client);
  attach.in = request.in && container.config.open_stdin;
  attach.out = request.out;
  attach.err = request.err;
  attach.framed = !container.config.tty && !request.raw;
  attach.replay_log = request.logs && is_readable(container.host_config.log_config);
  attach.stream = request.stream;
  if (container.config.tty) attach.detach_keys = request.detach_keys.empty() ? default_detach_keys : request.detach_keys;
  attach.pending = std::move(request.pending);
  return attach;
}

void check(const Container& container, const std::string& reference) {
  const auto refuse = [](const std::string& why) { throw Error(Code::forbidden_state, why); };
  if (container.phase == Phase::paused) refuse("container " + reference + " is paused, unpause the container before attach");
  if (container.phase == Phase::restarting) {
    refuse("container " + reference + " is restarting, wait until the container is running");
  }
  if (container.phase == Phase::removing || container.phase == Phase::dead) {
    refuse("container " + reference + " is marked for removal and cannot be attached to");
  }
}

/// Without waiting: the container's mutex is held, and the buffer of a socket that waits for its reply is empty.
void greet(const AttachRequest& request) {
  if (request.greeting.empty()) return;
  const ssize_t sent =
      ::send(request.client.get(), request.greeting.data(), request.greeting.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent != static_cast<ssize_t>(request.greeting.size())) throw Error(Code::cancelled, "the client has gone");
}

/// Nobody is going to write anything: what was logged, and the end.
void replay_only(const Parts& parts, const Container& container, RuntimeAttach attach) {
  if (!attach.replay_log) return;
  await_taken(attach.client.get());
  replay_log(parts.paths.container_log(container.id), attach);
}

/// The client that the driver is about to be given, once more.
RuntimeAttach same_client(const RuntimeAttach& attach) {
  RuntimeAttach again;
  again.id = attach.id;
  again.client = UniqueFd(::fcntl(attach.client.get(), F_DUPFD_CLOEXEC, 0));
  again.out = attach.out;
  again.err = attach.err;
  again.framed = attach.framed;
  again.replay_log = attach.replay_log;
  return again;
}

void hand_over(const Parts& parts, const Container& container, RuntimeAttach attach) {
  DriverCall call(prompt_ns);
  await_taken(attach.client.get());
  RuntimeAttach again = same_client(attach);
  try {
    parts.drivers.runtime.attach(call, std::move(attach));
  } catch (const Error& e) {
    // It has ended since the client got its reply, and with it whoever would have replayed the log.
    if (e.code() != Code::not_found && e.code() != Code::unavailable) throw;
    replay_only(parts, container, std::move(again));
  }
}

} // namespace

void ContainerService::check_attach(const std::string& reference) const {
  check(*impl_->parts->index.find(reference)->snapshot(), reference);
}

Task<void> ContainerService::attach(std::string reference, AttachRequest request) {
  const PartsPtr parts = impl_->parts;
  const EntryPtr entry = parts->index.find(reference);
  // Serialised with start, so that the client is either parked before it or handed over after it.
  auto guard = co_await entry->mutex.lock();
  const ContainerPtr container = entry->snapshot();
  check(*container, reference);
  greet(request);
  auto attach = std::make_shared<RuntimeAttach>(make_attach(*container, std::move(request)));
  parts->publish(*container, "attach");
  if (is_running(container->phase)) {
    auto job = [parts, container, attach] { hand_over(*parts, *container, std::move(*attach)); };
    co_await on(parts->pool, std::move(job));
  } else if (attach->stream) {
    entry->park(std::move(*attach));
  } else {
    guard.unlock();
    auto job = [parts, container, attach] { replay_only(*parts, *container, std::move(*attach)); };
    co_await on(parts->pool, std::move(job));
  }
}

} // namespace gantry::containers
