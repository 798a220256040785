#include "containers/index.hpp"

#include <mutex>

#include "base/error.hpp"
#include "containers/names.hpp"

namespace gantry::containers {

EntryPtr Index::find(const std::string& reference) const {
  std::string_view wanted = reference;
  const std::shared_lock lock(guard_);
  if (auto it = by_id_.find(wanted); it != by_id_.end()) return it->second;
  const std::string_view name = wanted.starts_with('/') ? wanted.substr(1) : wanted;
  if (auto named = id_of_name_.find(name); named != id_of_name_.end()) {
    // A reserved name whose container is still being made is not there yet.
    if (auto it = by_id_.find(named->second); it != by_id_.end()) return it->second;
  }
  if (auto it = by_id_.lower_bound(wanted); !wanted.empty() && it != by_id_.end() && it->first.starts_with(wanted)) {
    auto next = std::next(it);
    if (next != by_id_.end() && next->first.starts_with(wanted)) {
      throw invalid("multiple IDs found with provided prefix: " + reference);
    }
    return it->second;
  }
  throw not_found("No such container: " + reference);
}

EntryPtr Index::by_id(const std::string& id) const {
  const std::shared_lock lock(guard_);
  auto it = by_id_.find(id);
  return it == by_id_.end() ? nullptr : it->second;
}

std::vector<EntryPtr> Index::all() const {
  std::vector<EntryPtr> entries;
  const std::shared_lock lock(guard_);
  entries.reserve(by_id_.size());
  for (const auto& [id, entry] : by_id_) entries.push_back(entry);
  return entries;
}

void Index::reserve(const std::string& name, const std::string& id) {
  const std::unique_lock lock(guard_);
  const auto [it, fresh] = id_of_name_.emplace(name, id);
  if (fresh) return;
  throw conflict("Conflict. The container name \"/" + name + "\" is already in use by container \"" + it->second +
                 "\". You have to remove (or rename) that container to be able to reuse that name.");
}

std::string Index::reserve_generated(const std::string& id) {
  const std::unique_lock lock(guard_);
  std::string name = generate_name([&](const std::string& candidate) { return id_of_name_.contains(candidate); });
  id_of_name_.emplace(name, id);
  return name;
}

void Index::release(const std::string& name) {
  const std::unique_lock lock(guard_);
  id_of_name_.erase(name);
}

void Index::add(EntryPtr entry) {
  const std::unique_lock lock(guard_);
  by_id_.emplace(entry->id, entry);
}

void Index::erase(const Container& container) {
  const std::unique_lock lock(guard_);
  by_id_.erase(container.id);
  id_of_name_.erase(container.name);
}

} // namespace gantry::containers
