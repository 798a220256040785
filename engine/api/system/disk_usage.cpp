#include <algorithm>
#include <filesystem>
#include <map>

#include "api/build/cache_wire.hpp"
#include "api/containers/wire.hpp"
#include "api/images/shared_size.hpp"
#include "api/images/wire.hpp"
#include "api/system/handlers.hpp"
#include "api/volumes/wire.hpp"
#include "base/time.hpp"
#include "build/build_service.hpp"

namespace gantry::api {

namespace {

using gantry::containers::ContainerPtr;
using Containers = std::vector<ContainerPtr>;

/// `type` (API 1.42) may name several kinds; none means all.
bool wanted(const Request& request, const char* type) {
  const auto types = request.query.all("type");
  return request.version < ApiVersion{1, 42} || types.empty() || std::find(types.begin(), types.end(), type) != types.end();
}

void check_types(const Request& request) {
  for (const auto& type : request.query.all("type"))
    if (type != "container" && type != "image" && type != "volume" && type != "build-cache")
      throw invalid("unknown object type: " + type + ": expected container, image, volume or build-cache");
}

void add_images(Json& body, const Services& services, const Containers& containers, ApiVersion version) {
  std::map<std::string, std::int64_t> users;
  for (const auto& container : containers) ++users[container->image_id];
  const auto images = services.images.list();
  const SharedSizes shared(images);
  const auto parents = parents_of(images);
  body["LayersSize"] = services.images.layers_size();
  body["Images"] = Json::array();
  for (const auto& image : images) {
    if (is_intermediate(*image, parents)) continue;
    ImageFigures figures;
    figures.containers = users[image->id];
    figures.shared_size = shared.of(*image);
    body["Images"].push_back(image_summary(*image, image->repo_tags, figures, version));
  }
}

/// Ours: what the logs of all containers take, rotated files included.
Json log_usage(const Services& services, const Containers& containers) {
  std::uint64_t bytes = 0, files = 0;
  for (const auto& container : containers) {
    const std::filesystem::path log = services.paths.container_log(container->id);
    std::error_code ignored; // a container that goes meanwhile
    for (const auto& entry : std::filesystem::directory_iterator(log.parent_path(), ignored)) {
      if (!entry.path().filename().string().starts_with(log.filename().string())) continue;
      const auto size = entry.file_size(ignored);
      if (ignored) continue;
      bytes += size;
      ++files;
    }
  }
  return {{"Files", files}, {"Size", bytes}};
}

Task<Json> container_usage(Services& services, Containers containers, ApiVersion version) {
  Json list = Json::array();
  const auto now = now_ns();
  for (const auto& container : containers) {
    std::optional<ContainerSize> size;
    try {
      const ContainerSize measured = co_await services.containers.size(container->id);
      size = measured;
    } catch (const Error& error) {
      if (error.code() != Code::not_found) throw;
      continue; // removed in this moment
    }
    list.push_back(container_summary(*container, container->image_ref, now, size, version));
  }
  co_return list;
}

/// Blocks while the files are counted.
Json volume_usage(const Services& services) {
  Json list = Json::array();
  for (const auto& volume : services.volumes.list()) {
    Json json = volume_json(*volume);
    json["UsageData"] = {{"RefCount", services.volumes.users(volume->name).size()}, {"Size", -1}};
    try {
      json["UsageData"]["Size"] = services.volumes.usage(volume->name).bytes;
    } catch (const Error&) {
      // Removed in this moment, or of a driver that cannot tell: -1 is "not known".
    }
    list.push_back(std::move(json));
  }
  return list;
}

} // namespace

Task<void> get_disk_usage(Services& services, Request& request, Reply& reply) {
  check_types(request);
  const Containers containers = services.containers.list();
  Json body;
  body["LayersSize"] = 0;
  body["Images"] = body["Containers"] = nullptr;
  if (wanted(request, "image")) add_images(body, services, containers, request.version);
  if (wanted(request, "container")) {
    Json usage = co_await container_usage(services, containers, request.version);
    body["Containers"] = std::move(usage);
    auto measure = [&] { return log_usage(services, containers); };
    Json logs = co_await on(services.pool, measure);
    body["Gantry"]["Logs"] = std::move(logs);
  }
  body["Volumes"] = body["BuildCache"] = nullptr;
  if (wanted(request, "volume")) {
    auto measure = [&services] { return volume_usage(services); };
    Json volumes = co_await on(services.pool, measure);
    body["Volumes"] = std::move(volumes);
  }
  std::uint64_t cached = 0;
  if (wanted(request, "build-cache")) {
    body["BuildCache"] = Json::array();
    if (services.builds != nullptr)
      for (const auto& entry : services.builds->cache()) {
        body["BuildCache"].push_back(cache_entry_json(entry));
        if (!entry.shared) cached += entry.size;
      }
  }
  if (request.version < ApiVersion{1, 42}) body["BuilderSize"] = cached;
  reply.json(200, body);
}

} // namespace gantry::api
