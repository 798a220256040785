#include "containers/exec_table.hpp"

#include "base/error.hpp"

namespace gantry::containers {
namespace {

constexpr std::int64_t keep_ns = 6LL * 60 * 1'000'000'000;

} // namespace

ExecEntryPtr ExecTable::find(const std::string& id) const {
  const std::lock_guard lock(guard_);
  auto it = by_id_.find(id);
  if (it == by_id_.end()) throw not_found("No such exec instance: " + id);
  return it->second;
}

void ExecTable::add(ExecEntryPtr entry) {
  const std::lock_guard lock(guard_);
  const std::string id = entry->exec.id;
  by_id_[id] = std::move(entry);
}

std::vector<ExecEntryPtr> ExecTable::of_container(const std::string& container_id) const {
  std::vector<ExecEntryPtr> found;
  const std::lock_guard lock(guard_);
  for (const auto& [id, entry] : by_id_) {
    if (entry->exec.container_id == container_id) found.push_back(entry);
  }
  return found;
}

void ExecTable::erase(const std::string& id) {
  const std::lock_guard lock(guard_);
  by_id_.erase(id);
}

void ExecTable::erase_container(const std::string& container_id) {
  const std::lock_guard lock(guard_);
  std::erase_if(by_id_, [&](const auto& item) { return item.second->exec.container_id == container_id; });
}

std::vector<std::string> ExecTable::expire(std::int64_t now_ns) {
  std::vector<std::string> gone;
  const std::lock_guard lock(guard_);
  std::erase_if(by_id_, [&](const auto& item) {
    const std::lock_guard inner(item.second->guard);
    const bool old = item.second->ended_ns != 0 && now_ns - item.second->ended_ns > keep_ns;
    if (old) gone.push_back(item.first);
    return old;
  });
  return gone;
}

} // namespace gantry::containers
