#include <algorithm>

#include "base/time.hpp"
#include "build/parts.hpp"

namespace gantry::build {
namespace {

bool is_of_type(const PruneRequest& request, const CacheEntry& entry) {
  return request.types.empty() || std::find(request.types.begin(), request.types.end(), entry.type) != request.types.end();
}

} // namespace

std::vector<CacheEntry> BuildService::cache() const {
  auto all = impl_->cache.list();
  for (auto& mount : impl_->cache_mounts.list()) all.push_back(std::move(mount));
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.created_ns < b.created_ns; });
  return all;
}

PruneReport BuildService::prune(const PruneRequest& request) {
  auto entries = cache();
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.used_ns < b.used_ns; });
  std::uint64_t held = 0;
  for (const auto& entry : entries)
    if (!entry.shared) held += entry.size;
  PruneReport report;
  std::vector<std::string> steps;
  for (const auto& entry : entries) {
    if (entry.in_use || !is_of_type(request, entry) || entry.used_ns > now_ns() - request.unused_ns) continue;
    if (request.keep > 0 && held <= request.keep) break;
    if (entry.type == "regular") {
      steps.push_back(entry.key);
    } else if (!impl_->cache_mounts.remove(entry.key)) {
      continue; // a build has just taken it
    } else {
      report.deleted.push_back(entry.key);
    }
    if (entry.shared) continue;
    report.reclaimed += entry.size;
    held -= entry.size;
  }
  for (auto& key : impl_->cache.remove(steps)) report.deleted.push_back(std::move(key));
  return report;
}

} // namespace gantry::build
