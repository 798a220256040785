#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "build/request.hpp"
#include "images/image_store.hpp"
#include "state/database.hpp"

namespace gantry::build {

/// What steps came to, by parent and instruction: the configs of images that are nobody's but the builder's. Their layers stay
/// while the entry does. Thread-safe; every method but find blocks.
class BuildCache {
 public:
  BuildCache(state::Database&, images::ImageStore&);
  ~BuildCache();

  struct Found {
    std::string config;                                ///< that the step led to last time
    std::shared_ptr<images::ImageStore::Lease> layers; ///< they stay while this does
  };
  /// Absent also when a layer has gone.
  std::optional<Found> find(const std::string& key);
  void put(const std::string& key, const std::string& parent, const std::string& description, const std::string& config,
           std::uint64_t size);
  std::vector<CacheEntry> list() const;
  /// Forgets entries and gives their layers back; those that are not there are left out of the answer.
  std::vector<std::string> remove(const std::vector<std::string>& keys);
  /// Writes down when and how often entries were used, which find only counts.
  void write_use();

 private:
  struct Kept {
    CacheEntry entry;
    std::string config;
    std::vector<std::string> chains;
    std::shared_ptr<images::ImageStore::Lease> lease;
  };
  Kept keep(CacheEntry entry, std::string config);

  state::Database& db_;
  images::ImageStore& store_;
  mutable std::mutex guard_;
  std::map<std::string, Kept> kept_; ///< by key
};

} // namespace gantry::build
