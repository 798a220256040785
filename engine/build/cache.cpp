#include "build/cache.hpp"

#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/time.hpp"
#include "images/digest.hpp"
#include "images/image_config.hpp"

namespace gantry::build {
namespace {

using Transaction = state::Database::Transaction;

void erase_row(Transaction& t, const std::string& key) { t.prepare("DELETE FROM build_cache WHERE key = ?").bind(1, key).step(); }

} // namespace

BuildCache::BuildCache(state::Database& db, images::ImageStore& store) : db_(db), store_(store) {
  std::vector<std::pair<CacheEntry, std::string>> rows;
  db_.read([&](Transaction& t) {
    auto row = t.prepare("SELECT key, parent, description, config, size, created_ns, used_ns, usage_count FROM build_cache");
    while (row.step())
      rows.push_back({{row.text(0),
                       row.text(1),
                       row.text(2),
                       {},
                       static_cast<std::uint64_t>(row.number(4)),
                       row.number(5),
                       row.number(6),
                       row.number(7),
                       false},
                      row.text(3)});
  });
  for (auto& [entry, config] : rows) {
    try {
      const std::string key = entry.key;
      kept_.emplace(key, keep(std::move(entry), std::move(config)));
    } catch (const Error& e) {
      log::warn("build cache: an entry cannot be read and is left out: " + std::string(e.what()));
    }
  }
}

BuildCache::Kept BuildCache::keep(CacheEntry entry, std::string config) {
  Kept kept{std::move(entry), std::move(config), {}, nullptr};
  kept.entry.result = images::sha256_of(kept.config);
  kept.chains = images::chain_ids(images::parse_image_config(kept.config).diff_ids);
  kept.lease = std::make_shared<images::ImageStore::Lease>(store_, kept.chains, images::ImageStore::Purpose::cache);
  return kept;
}

std::optional<BuildCache::Found> BuildCache::find(const std::string& key) {
  const std::lock_guard lock(guard_);
  const auto at = kept_.find(key);
  if (at == kept_.end()) return {};
  const auto catalogue = store_.catalogue();
  for (const auto& chain : at->second.chains)
    if (!catalogue->layers.contains(chain)) return {};
  at->second.entry.used_ns = now_ns();
  ++at->second.entry.usage_count;
  return Found{at->second.config, at->second.lease};
}

void BuildCache::put(const std::string& key, const std::string& parent, const std::string& description, const std::string& config,
                     std::uint64_t size) {
  const auto now = now_ns();
  Kept kept = keep({key, parent, description, {}, size, now, now, 0, false}, config);
  db_.transaction([&](Transaction& t) {
    t.prepare(
         "INSERT OR REPLACE INTO build_cache(key, parent, description, config, size, created_ns, used_ns, usage_count) "
         "VALUES(?, ?, ?, ?, ?, ?, ?, 0)")
        .bind(1, key)
        .bind(2, parent)
        .bind(3, description)
        .bind(4, config)
        .bind(5, static_cast<std::int64_t>(size))
        .bind(6, now)
        .bind(7, now)
        .step();
  });
  // What is replaced gives its lease back outside of the lock: that may delete layers.
  const std::lock_guard lock(guard_);
  std::swap(kept_[key], kept);
}

std::vector<CacheEntry> BuildCache::list() const {
  std::vector<CacheEntry> all;
  const auto catalogue = store_.catalogue();
  std::set<std::string> in_images;
  for (const auto& [id, image] : catalogue->images) in_images.insert(image->chains.begin(), image->chains.end());
  const std::lock_guard lock(guard_);
  for (const auto& [key, kept] : kept_) {
    CacheEntry entry = kept.entry;
    entry.shared = entry.size > 0 && !kept.chains.empty() && in_images.contains(kept.chains.back());
    all.push_back(std::move(entry));
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.created_ns < b.created_ns; });
  return all;
}

std::vector<std::string> BuildCache::remove(const std::vector<std::string>& keys) {
  std::vector<std::string> removed;
  std::vector<Kept> gone; // their leases end outside of the lock: that may delete layers
  {
    const std::lock_guard lock(guard_);
    for (const auto& key : keys) {
      auto node = kept_.extract(key);
      if (node.empty()) continue;
      gone.push_back(std::move(node.mapped()));
      removed.push_back(key);
    }
  }
  db_.transaction([&](Transaction& t) {
    for (const auto& key : removed) erase_row(t, key);
  });
  return removed;
}

/// What find counts in memory only. A daemon that is killed forgets what happened since the last prune.
void BuildCache::write_use() {
  const std::lock_guard lock(guard_);
  db_.transaction([&](Transaction& t) {
    for (const auto& [key, kept] : kept_)
      t.prepare("UPDATE build_cache SET used_ns = ?, usage_count = ? WHERE key = ? AND used_ns < ?")
          .bind(1, kept.entry.used_ns)
          .bind(2, kept.entry.usage_count)
          .bind(3, key)
          .bind(4, kept.entry.used_ns)
          .step();
  });
}

BuildCache::~BuildCache() {
  try {
    write_use();
  } catch (const std::exception& e) {
    log::warn("build cache: when its entries were used is not written down: " + std::string(e.what()));
  }
}

} // namespace gantry::build
