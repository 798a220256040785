#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "volumes/rows.hpp"
#include "volumes/volume_service.hpp"

namespace gantry::volumes {

/// The live object behind a volume. `work` serialises operations with the driver; everything else is under the catalog's own
/// mutex, which is never held while a driver works.
struct Item {
  std::timed_mutex work;
  std::atomic<int> waiting = 0; ///< for `work`
  VolumePtr snapshot;           ///< null: being made, or gone
  std::set<std::string> users;
  std::string made_for, filled_for;
};
using ItemPtr = std::shared_ptr<Item>;

/// Every volume by name.
class Catalog {
 public:
  /// Null when there is none that is ready.
  VolumePtr get(const std::string& name) const;
  std::vector<VolumePtr> all() const;
  std::vector<std::string> users(const std::string& name) const;

  /// The item of that name, made when missing: lock its `work`, then look whether it has a snapshot.
  ItemPtr claim(const std::string& name);
  /// Null when there is none.
  ItemPtr find(const std::string& name) const;
  void publish(Item& item, VolumePtr snapshot);
  /// Forgets an item that is no volume (any more); its `work` is held.
  void drop(const std::string& name, Item& item);

  void add_user(Item& item, const std::string& user);
  void remove_user(Item& item, const std::string& user);
  std::vector<std::string> users(const Item& item) const;
  /// Items that were made or filled for the user.
  std::vector<std::pair<std::string, ItemPtr>> unsettled(const std::string& user) const;
  void set_made(Item& item, std::string user);
  void set_filled(Item& item, std::string user);
  /// Who it was made and filled for.
  std::pair<std::string, std::string> origin(const Item& item) const;

 private:
  mutable std::mutex guard_;
  std::map<std::string, ItemPtr> items_;
};

} // namespace gantry::volumes
