#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "build/mounts/memory_files.hpp"
#include "build/request.hpp"
#include "registry/cancel.hpp"

namespace gantry::build {

/// The directories of `RUN --mount=type=cache`. They outlive builds and daemons, until they are pruned; a directory that is not
/// complete is never seen. Thread-safe.
///
///   <root>/<hex>/record.json   what it is and when it was used
///   <root>/<hex>/data/         its files
class CacheMounts {
 public:
  /// Takes what an earlier daemon left there, without what it did not finish.
  explicit CacheMounts(std::string root);

  struct Wanted {
    std::string name;        ///< id and what it begins with: the same name, the same files
    std::string description; ///< for users
    std::string sharing;     ///< "shared", "private" (nobody else has it meanwhile: another one is made), "locked" (waits)
    FileOwner owner;
    std::function<void(const std::string& directory)> fill; ///< writes what a new one begins with; may be empty
  };
  /// In use until destroyed.
  class Use {
   public:
    Use(CacheMounts& all, std::string key, bool alone) : all_(all), key_(std::move(key)), alone_(alone) {}
    ~Use() { all_.end(key_, alone_); }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    std::string path() const { return all_.root_ + "/" + key_ + "/data"; }

   private:
    CacheMounts& all_;
    std::string key_;
    bool alone_;
  };
  /// Blocks while others keep it locked; cancelled when the build is.
  std::unique_ptr<Use> use(const Wanted& wanted, registry::Cancel&);

  /// Measures all of them: blocks.
  std::vector<CacheEntry> list() const;
  /// Deletes one that is not in use; false when it is, or is not there.
  bool remove(const std::string& key);

 private:
  struct Mount {
    std::string description;
    std::int64_t created_ns = 0, used_ns = 0, usage_count = 0;
    int users = 0;
    bool alone = false; ///< its only user keeps others away
  };

  void load(const std::string& key);
  void write_record(const std::string& key, const Mount&) const;
  bool may_use(const std::string& key, bool alone) const;
  Mount make(const std::string& key, const Wanted& wanted) const;
  void end(const std::string& key, bool alone) noexcept;

  const std::string root_;
  mutable std::mutex guard_;
  std::condition_variable released_;
  std::map<std::string, Mount> mounts_; ///< by key
  std::set<std::string> being_made_;
};

} // namespace gantry::build
