#include "containers/boot.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "containers/start.hpp"

namespace gantry::containers {
namespace {

/// By id: set once the start of that container has been tried.
using Tried = std::map<std::string, Latch>;

/// Two containers that wait for each other cannot be started by anybody; they find that out after this time.
constexpr std::chrono::minutes longest_wait{1};

std::vector<Latch> dependencies(const Parts& parts, const Container& container, const Tried& tried) {
  constexpr std::string_view joined = "container:";
  const HostConfig& config = container.host_config;
  std::vector<Latch> found;
  for (const std::string* mode : {&config.network_mode, &config.ipc_mode, &config.pid_mode}) {
    if (!mode->starts_with(joined)) continue;
    try {
      const auto other = tried.find(parts.index.find(mode->substr(joined.size()))->id);
      if (other != tried.end() && other->first != container.id) found.push_back(other->second);
    } catch (const Error&) {
      // It is gone: the start will say so.
    }
  }
  return found;
}

Task<void> try_start(PartsPtr parts, EntryPtr entry, std::vector<Latch> first) {
  for (Latch& other : first) co_await other.wait_for(longest_wait);
  auto guard = co_await entry->mutex.lock();
  if (entry->snapshot()->phase != Phase::exited || entry->removing) co_return;
  try {
    co_await start_locked(parts, entry, StartKind::by_restart_policy);
  } catch (const Error& e) {
    log::error("container " + entry->id + ": start by its restart policy: " + e.what());
  }
}

Task<void> start_and_tell(PartsPtr parts, EntryPtr entry, std::vector<Latch> first, Latch tried) {
  std::exception_ptr failure;
  try {
    co_await try_start(parts, entry, std::move(first));
  } catch (...) {
    failure = std::current_exception();
  }
  tried.set();
  if (failure) std::rethrow_exception(failure);
}

} // namespace

void start_at_boot(const PartsPtr& parts, const std::vector<EntryPtr>& entries) {
  Tried tried;
  for (const EntryPtr& entry : entries) tried.emplace(entry->id, Latch());
  for (const EntryPtr& entry : entries) {
    auto first = dependencies(*parts, *entry->snapshot(), tried);
    auto job = [parts, entry, first = std::move(first), own = tried.at(entry->id)] {
      return start_and_tell(parts, entry, first, own);
    };
    parts->background.spawn(std::move(job));
  }
}

} // namespace gantry::containers
