#include <algorithm>
#include <cstdlib>

#include "api/filters.hpp"
#include "api/images/caller.hpp"
#include "api/images/handlers.hpp"
#include "api/progress.hpp"

namespace gantry::api {
namespace {

void read_filters(const Query& query, gantry::registry::SearchRequest& wanted) {
  const Filters filters(query.get("filters"), {"is-automated", "is-official", "stars"});
  if (filters.has("is-official")) wanted.official = filters.flag("is-official", false) ? 1 : 0;
  for (const auto& text : filters.get("stars")) {
    char* end = nullptr;
    const auto stars = std::strtoll(text.c_str(), &end, 10);
    if (text.empty() || *end != '\0') throw invalid("invalid filter 'stars=" + text + "'");
    wanted.stars = std::max<std::int64_t>(wanted.stars, stars);
  }
}

gantry::registry::SearchRequest search_request(const Query& query) {
  gantry::registry::SearchRequest wanted;
  wanted.term = query.get("term");
  wanted.limit = query.integer("limit").value_or(0);
  if (wanted.limit == 0) wanted.limit = 25;
  if (wanted.limit < 1 || wanted.limit > 100)
    throw invalid("limit " + std::to_string(wanted.limit) + " is outside the range of [1, 100]");
  read_filters(query, wanted);
  return wanted;
}

} // namespace

Task<void> get_image_search(Services& services, Request& request, Reply& reply) {
  const auto wanted = search_request(request.query);
  auto answer = std::make_shared<Json>();
  auto work = [&registries = services.registries, wanted, caller = caller_of(request), answer](Interrupt interrupt) {
    *answer = registries.search(wanted, caller, *interrupt);
  };
  co_await run_transfer(reply, work);
  reply.json(200, *answer);
}

} // namespace gantry::api
