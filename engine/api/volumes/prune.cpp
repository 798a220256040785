#include <atomic>

#include "api/filters.hpp"
#include "api/volumes/handlers.hpp"
#include "base/log.hpp"

namespace gantry::api {

namespace {

using gantry::volumes::Volume;

/// From 1.42 on only volumes whose name nobody chose are pruned, unless all are asked for.
class PruneFilter {
 public:
  PruneFilter(const std::string& text, ApiVersion version) : filters_(text, {"all", "label", "label!"}) {
    all_ = filters_.flag("all", false) || version < ApiVersion{1, 42};
  }

  bool matches(const Volume& volume) const {
    if (!all_ && !volume.anonymous()) return false;
    for (const auto& unwanted : filters_.get("label!"))
      if (match_labels({unwanted}, volume.labels)) return false;
    return match_labels(filters_.get("label"), volume.labels);
  }

 private:
  Filters filters_;
  bool all_ = false;
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

/// Bytes that went away with it; absent when it is in use, or its driver does not let it go.
std::optional<std::uint64_t> remove_unused(gantry::volumes::VolumeService& volumes, const Volume& volume) {
  if (!volumes.users(volume.name).empty()) return std::nullopt;
  try {
    std::uint64_t bytes = 0;
    try {
      bytes = volumes.usage(volume.name).bytes;
    } catch (const Error& e) {
      if (e.code() != Code::not_implemented) throw;
    }
    volumes.remove(volume.name, false);
    return bytes;
  } catch (const Error& e) {
    if (e.code() != Code::in_use && e.code() != Code::not_found) log::warn("prune: volume " + volume.name + ": " + e.what());
    return std::nullopt;
  }
}

} // namespace

Task<void> post_volume_prune(Services& services, Request& request, Reply& reply) {
  const PruneFilter filter(request.query.get("filters"), request.version);
  const OnlyPrune only;
  Json deleted = Json::array();
  std::uint64_t reclaimed = 0;
  for (const auto& volume : services.volumes.list()) {
    if (!filter.matches(*volume)) continue;
    auto job = [&services, &volume] { return remove_unused(services.volumes, *volume); };
    const auto bytes = co_await on(services.pool, job);
    if (!bytes) continue;
    deleted.push_back(volume->name);
    reclaimed += *bytes;
  }
  services.events.publish({"volume", "prune", "", {{"reclaimed", std::to_string(reclaimed)}}, 0});
  Json result;
  result["VolumesDeleted"] = deleted;
  result["SpaceReclaimed"] = reclaimed;
  reply.json(200, result);
}

} // namespace gantry::api
