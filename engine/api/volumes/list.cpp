#include <algorithm>

#include "api/filters.hpp"
#include "api/volumes/handlers.hpp"
#include "api/volumes/wire.hpp"

namespace gantry::api {

namespace {

class VolumeFilter {
 public:
  VolumeFilter(const std::string& text, const gantry::volumes::VolumeService& service)
      : filters_(text, {"dangling", "driver", "label", "name"}), service_(service) {
    if (filters_.has("dangling")) dangling_ = filters_.flag("dangling", false);
  }

  bool matches(const gantry::volumes::Volume& volume) const {
    if (dangling_ && *dangling_ != service_.users(volume.name).empty()) return false;
    const auto& drivers = filters_.get("driver");
    if (!drivers.empty() && std::find(drivers.begin(), drivers.end(), volume.driver) == drivers.end()) return false;
    return match_labels(filters_.get("label"), volume.labels) && match_pattern(filters_.get("name"), volume.name);
  }

 private:
  Filters filters_;
  const gantry::volumes::VolumeService& service_;
  std::optional<bool> dangling_;
};

} // namespace

Task<void> get_volumes(Services& services, Request& request, Reply& reply) {
  const VolumeFilter filter(request.query.get("filters"), services.volumes);
  Json body;
  body["Volumes"] = Json::array();
  for (const auto& volume : services.volumes.list()) {
    if (filter.matches(*volume)) body["Volumes"].push_back(volume_json(*volume));
  }
  body["Warnings"] = nullptr;
  reply.json(200, body);
  co_return;
}

} // namespace gantry::api
