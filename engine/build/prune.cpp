#include "build/prune.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "base/time.hpp"
#include "build/parts.hpp"

namespace gantry::build {
namespace {

/// By creation.
std::vector<CacheEntry> entries_of(const BuildCache& cache, const CacheMounts& mounts) {
  auto all = cache.list();
  for (auto& mount : mounts.list()) all.push_back(std::move(mount));
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.created_ns < b.created_ns; });
  return all;
}

/// Entries that may go, the least recently used first, and none before those that went on from it.
class Order {
 public:
  Order(const std::vector<CacheEntry>& entries, const PruneRequest& request)
      : entries_(entries), request_(request), used_before_ns_(now_ns() - request.unused_ns) {
    for (std::size_t i = 0; i < entries.size(); ++i) {
      ++children_[entries[i].parent];
      makers_.emplace(entries[i].result, i);
    }
    for (std::size_t i = 0; i < entries.size(); ++i)
      if (entries[i].result.empty() || !children_.contains(entries[i].result)) offer(i);
  }

  const CacheEntry* next() {
    if (oldest_.empty()) return nullptr;
    const CacheEntry& entry = entries_[oldest_.extract(oldest_.begin()).value().second];
    if (!entry.parent.empty() && --children_[entry.parent] == 0)
      for (auto [at, end] = makers_.equal_range(entry.parent); at != end; ++at) offer(at->second);
    return &entry;
  }

 private:
  void offer(std::size_t i) {
    const CacheEntry& entry = entries_[i];
    const auto& types = request_.types;
    const bool wanted = types.empty() || std::find(types.begin(), types.end(), entry.type) != types.end();
    if (wanted && !entry.in_use && entry.used_ns <= used_before_ns_) oldest_.emplace(entry.used_ns, i);
  }

  const std::vector<CacheEntry>& entries_;
  const PruneRequest& request_;
  const std::int64_t used_before_ns_;
  std::map<std::string, int> children_;            ///< how many went on from an image
  std::multimap<std::string, std::size_t> makers_; ///< which led to an image
  std::set<std::pair<std::int64_t, std::size_t>> oldest_;
};

} // namespace

PruneReport prune(BuildCache& cache, CacheMounts& mounts, const PruneRequest& request) {
  const auto entries = entries_of(cache, mounts);
  PruneReport report;
  for (const auto& entry : entries)
    if (!entry.shared) report.held += entry.size;
  if (!request.dry_run) cache.write_use();
  std::uint64_t held = report.held;
  std::vector<std::string> steps;
  Order order(entries, request);
  while (request.keep == 0 || held > request.keep) {
    const CacheEntry* entry = order.next();
    if (entry == nullptr) break;
    if (request.keep > 0 && entry->shared) continue; // it would free nothing, and an image has it in any case
    if (entry->type == "regular") {
      steps.push_back(entry->key);
    } else if (!request.dry_run && !mounts.remove(entry->key)) {
      continue; // a build has just taken it
    } else {
      report.deleted.push_back(entry->key);
    }
    if (entry->shared) continue;
    report.reclaimed += entry->size;
    held -= entry->size;
  }
  if (!request.dry_run) steps = cache.remove(steps);
  for (auto& key : steps) report.deleted.push_back(std::move(key));
  return report;
}

std::vector<CacheEntry> BuildService::cache() const { return entries_of(impl_->cache, impl_->cache_mounts); }

PruneReport BuildService::prune(const PruneRequest& request) { return build::prune(impl_->cache, impl_->cache_mounts, request); }

} // namespace gantry::build
