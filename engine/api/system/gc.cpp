#include "api/system/handlers.hpp"
#include "base/time.hpp"
#include "system/store_keeper.hpp"
#include "system/system_service.hpp"

namespace gantry::api {
namespace {

Json policy_json(const config::KeepPolicy& policy) {
  return {{"KeepStorage", policy.keep_bytes}, {"KeepUsedFor", policy.keep_used_for_s}};
}

Json image_json(const gantry::images::Surplus& one) {
  Json names = one.image->repo_tags;
  if (names.empty()) names = one.image->repo_digests;
  return {{"ID", one.image->id}, {"Names", names}, {"Freed", one.freed}, {"LastUsed", rfc3339_nano(one.last_used_ns)}};
}

} // namespace

Task<void> post_system_gc(Services& services, Request& request, Reply& reply) {
  const bool dry_run = request.query.flag("dry-run");
  auto* keeper = services.system.store_keeper();
  if (keeper == nullptr) throw not_implemented("this engine keeps no disk budget");
  auto work = [keeper, dry_run] { return keeper->collect(dry_run); };
  const gantry::system::Collection done = co_await on(services.pool, work);
  Json body;
  body["DryRun"] = dry_run;
  body["Images"] = {{"Policy", policy_json(done.image_policy)},
                    {"Size", done.images.bytes},
                    {"Freed", done.images.freed},
                    {"Deleted", Json::array()}};
  for (const auto& one : done.images.deleted) body["Images"]["Deleted"].push_back(image_json(one));
  body["BuildCache"] = {{"Policy", policy_json(done.build_policy)},
                        {"Size", done.cache.held},
                        {"Freed", done.cache.reclaimed},
                        {"Deleted", done.cache.deleted}};
  reply.json(200, body);
}

} // namespace gantry::api
