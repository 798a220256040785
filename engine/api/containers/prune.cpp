#include <atomic>

#include "api/containers/handlers.hpp"
#include "api/filters.hpp"
#include "base/time.hpp"

namespace gantry::api {
namespace {

using gantry::containers::Container;
using gantry::containers::Phase;

/// The filters of a prune: label, label!, until.
class PruneFilter {
 public:
  explicit PruneFilter(const std::string& text) : filters_(text, {"label", "label!", "until"}) {
    const auto& until = filters_.get("until");
    if (until.size() > 1) throw invalid("more than one until filter specified");
    if (!until.empty()) until_ns_ = parse_timestamp(until.front());
  }

  bool matches(const Container& container) const {
    if (until_ns_ && container.created_ns >= *until_ns_) return false;
    for (const auto& unwanted : filters_.get("label!"))
      if (match_labels({unwanted}, container.config.labels)) return false;
    return match_labels(filters_.get("label"), container.config.labels);
  }

 private:
  Filters filters_;
  std::optional<std::int64_t> until_ns_;
};

/// One prune at a time: a second one would count what the first one removes.
class OnlyPrune {
 public:
  OnlyPrune() {
    if (running.exchange(true)) throw Error(Code::forbidden_state, "a prune operation is already running");
  }
  ~OnlyPrune() { running = false; }
  OnlyPrune(const OnlyPrune&) = delete;
  OnlyPrune& operator=(const OnlyPrune&) = delete;

 private:
  static inline std::atomic<bool> running = false;
};

bool is_stopped(Phase phase) { return phase == Phase::created || phase == Phase::exited || phase == Phase::dead; }

/// Bytes that went away with it; absent when it was started, or removed by somebody else, meanwhile.
Task<std::optional<std::int64_t>> remove_stopped(gantry::containers::ContainerService& containers, std::string id) {
  try {
    const auto size = co_await containers.size(id);
    const gantry::containers::RemoveOptions options;
    co_await containers.remove(id, options);
    co_return size.first;
  } catch (const Error& e) {
    if (e.code() != Code::not_found && e.code() != Code::forbidden_state) throw;
  }
  co_return std::nullopt;
}

} // namespace

Task<void> post_container_prune(Services& services, Request& request, Reply& reply) {
  const PruneFilter filter(request.query.get("filters"));
  const OnlyPrune only;
  Json deleted;
  std::int64_t reclaimed = 0;
  const auto containers = services.containers.list();
  for (const auto& container : containers) {
    if (!is_stopped(container->phase) || !filter.matches(*container)) continue;
    const auto bytes = co_await remove_stopped(services.containers, container->id);
    if (!bytes) continue;
    deleted.push_back(container->id);
    reclaimed += *bytes;
  }
  services.events.publish({"container", "prune", "", {{"reclaimed", std::to_string(reclaimed)}}, 0});
  Json result;
  result["ContainersDeleted"] = deleted;
  result["SpaceReclaimed"] = reclaimed;
  reply.json(200, result);
}

} // namespace gantry::api
