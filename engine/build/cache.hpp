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

  /// The config that this step led to last time; absent also when a layer of it has gone.
  std::optional<std::string> find(const std::string& key);
  void put(const std::string& key, const std::string& parent, const std::string& description, const std::string& config,
           std::uint64_t size);
  std::vector<CacheEntry> list() const;
  PruneReport prune(const PruneRequest&);

 private:
  struct Kept {
    CacheEntry entry;
    std::string config;
    std::vector<std::string> chains;
    std::shared_ptr<images::ImageStore::Lease> lease;
  };
  void write_use();
  std::map<std::string, std::string> results() const; ///< ids of the images that the steps led to, by key
  Kept keep(CacheEntry entry, std::string config);

  state::Database& db_;
  images::ImageStore& store_;
  mutable std::mutex guard_;
  std::map<std::string, Kept> kept_; ///< by key
};

} // namespace gantry::build
