#include "api/images/handlers.hpp"
#include "api/images/wire.hpp"
#include "base/error.hpp"
#include "images/document.hpp"
#include "images/remove_platforms.hpp"

namespace gantry::api {
namespace {

/// Each an OCI platform as JSON, a list of them, or a text as elsewhere.
std::vector<std::string> platforms_of(const Request& request) {
  std::vector<std::string> all;
  if (request.version < ApiVersion{1, 50}) return all;
  for (const auto& text : request.query.all("platforms")) {
    if (!text.starts_with('{') && !text.starts_with('[')) {
      all.push_back(text);
      continue;
    }
    const Json platform = gantry::images::parse_document(text, "invalid platform");
    if (platform.is_object()) all.push_back(platform.dump());
    if (!platform.is_array()) continue;
    for (const auto& one : platform) all.push_back(one.dump());
  }
  return all;
}

} // namespace

Task<void> delete_image(Services& services, Request& request, Reply& reply) {
  const auto& query = request.query;
  const auto platforms = platforms_of(request);
  const bool force = query.flag("force"), prune = !query.flag("noprune");
  auto work = [&] {
    if (platforms.empty()) return services.images.remove(request.param("name"), force, prune);
    return remove_platforms(services.images, request.param("name"), platforms, force, prune);
  };
  const auto deleted = co_await on(services.pool, work);
  reply.json(200, deleted_images(deleted));
}

} // namespace gantry::api
