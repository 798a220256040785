#include "containers/memory_limit.hpp"

#include "base/json.hpp"

namespace gantry::containers {

std::uint64_t own_memory_limit(const RuntimeStats& stats) {
  constexpr std::uint64_t no_limit = std::uint64_t{1} << 62;
  return stats.memory_limit < no_limit ? stats.memory_limit : 0;
}

std::uint64_t times_memory_limit_was_hit(const RuntimeStats& stats) {
  const Json extra = Json::parse(stats.extra_json, nullptr, false);
  const Json::json_pointer at("/memory_stats/failcnt");
  return extra.contains(at) && extra[at].is_number_unsigned() ? extra[at].get<std::uint64_t>() : 0;
}

} // namespace gantry::containers
