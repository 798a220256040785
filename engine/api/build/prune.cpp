#include "api/build/handlers.hpp"
#include "api/filters.hpp"
#include "base/time.hpp"
#include "build/build_service.hpp"

namespace gantry::api {
namespace {

gantry::build::PruneRequest prune_request(const Request& request) {
  gantry::build::PruneRequest prune;
  for (const char* name : {"reserved-space", "keep-storage"})
    if (const auto bytes = request.query.integer(name); bytes && *bytes > 0) prune.keep = static_cast<std::uint64_t>(*bytes);
  const Filters filters(request.query.get("filters"),
                        {"until", "unused-for", "id", "parent", "type", "description", "inuse", "shared", "private"});
  for (const char* name : {"until", "unused-for"})
    for (const auto& value : filters.get(name)) prune.unused_ns = std::max(prune.unused_ns, now_ns() - parse_timestamp(value));
  prune.types = filters.get("type");
  return prune;
}

} // namespace

Task<void> post_build_prune(Services& services, Request& request, Reply& reply) {
  const auto prune = prune_request(request);
  Json body;
  body["CachesDeleted"] = nullptr;
  body["SpaceReclaimed"] = 0;
  if (services.builds != nullptr) {
    auto job = [builds = services.builds, prune] { return builds->prune(prune); };
    const gantry::build::PruneReport report = co_await on(services.pool, std::move(job));
    if (!report.deleted.empty()) body["CachesDeleted"] = report.deleted;
    body["SpaceReclaimed"] = report.reclaimed;
  }
  reply.json(200, body);
}

} // namespace gantry::api
