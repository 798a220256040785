#pragma once

#include <map>
#include <shared_mutex>
#include <string>
#include <vector>

#include "containers/entry.hpp"

namespace gantry::containers {

/// Containers by id, id prefix and name. A name is reserved before its container exists, so that two creates cannot
/// both get it. Thread-safe.
class Index {
 public:
  /// Name, /name, id or unique id prefix. not_found / invalid (ambiguous) with Docker's texts.
  EntryPtr find(const std::string& reference) const;
  /// Null when there is none.
  EntryPtr by_id(const std::string& id) const;
  /// In no particular order.
  std::vector<EntryPtr> all() const;

  /// conflict with Docker's text when another container has the name.
  void reserve(const std::string& name, const std::string& id);
  /// Reserves a generated name.
  std::string reserve_generated(const std::string& id);
  void release(const std::string& name);

  /// Its name must be reserved.
  void add(EntryPtr entry);
  /// Frees the id and the name.
  void erase(const Container& container);

 private:
  mutable std::shared_mutex guard_;
  std::map<std::string, EntryPtr, std::less<>> by_id_;
  std::map<std::string, std::string, std::less<>> id_of_name_;
};

} // namespace gantry::containers
