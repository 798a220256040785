#include "volumes/catalog.hpp"

namespace gantry::volumes {

VolumePtr Catalog::get(const std::string& name) const {
  const std::lock_guard lock(guard_);
  const auto found = items_.find(name);
  return found == items_.end() ? nullptr : found->second->snapshot;
}

std::vector<VolumePtr> Catalog::all() const {
  const std::lock_guard lock(guard_);
  std::vector<VolumePtr> volumes;
  volumes.reserve(items_.size());
  for (const auto& [name, item] : items_) {
    if (item->snapshot) volumes.push_back(item->snapshot);
  }
  return volumes;
}

std::vector<std::string> Catalog::users(const std::string& name) const {
  const std::lock_guard lock(guard_);
  const auto found = items_.find(name);
  if (found == items_.end()) return {};
  return {found->second->users.begin(), found->second->users.end()};
}

ItemPtr Catalog::claim(const std::string& name) {
  const std::lock_guard lock(guard_);
  auto& item = items_[name];
  if (!item) item = std::make_shared<Item>();
  return item;
}

ItemPtr Catalog::find(const std::string& name) const {
  const std::lock_guard lock(guard_);
  const auto found = items_.find(name);
  return found == items_.end() ? nullptr : found->second;
}

void Catalog::publish(Item& item, VolumePtr snapshot) {
  const std::lock_guard lock(guard_);
  item.snapshot = std::move(snapshot);
}

void Catalog::drop(const std::string& name, Item& item) {
  const std::lock_guard lock(guard_);
  item.snapshot = nullptr;
  item.users.clear();
  item.made_for.clear();
  item.filled_for.clear();
  const auto found = items_.find(name);
  if (found != items_.end() && found->second.get() == &item) items_.erase(found);
}

void Catalog::add_user(Item& item, const std::string& user) {
  const std::lock_guard lock(guard_);
  item.users.insert(user);
}

void Catalog::remove_user(Item& item, const std::string& user) {
  const std::lock_guard lock(guard_);
  item.users.erase(user);
}

std::vector<std::string> Catalog::users(const Item& item) const {
  const std::lock_guard lock(guard_);
  return {item.users.begin(), item.users.end()};
}

std::vector<std::pair<std::string, ItemPtr>> Catalog::unsettled(const std::string& user) const {
  const std::lock_guard lock(guard_);
  std::vector<std::pair<std::string, ItemPtr>> found;
  for (const auto& [name, item] : items_) {
    if (item->made_for == user || item->filled_for == user || item->users.count(user) != 0) found.emplace_back(name, item);
  }
  return found;
}

void Catalog::set_made(Item& item, std::string user) {
  const std::lock_guard lock(guard_);
  item.made_for = std::move(user);
}

void Catalog::set_filled(Item& item, std::string user) {
  const std::lock_guard lock(guard_);
  item.filled_for = std::move(user);
}

std::pair<std::string, std::string> Catalog::origin(const Item& item) const {
  const std::lock_guard lock(guard_);
  return {item.made_for, item.filled_for};
}

} // namespace gantry::volumes
