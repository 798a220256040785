#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "directory.hpp"
#include "overlay_driver.hpp"
#include "quota-common/project_quota.hpp"

namespace gantry::storage_overlay {

void OverlayDriver::remove(Call&, const std::string& id) {
  const auto snapshot = index_.erase(id);
  if (!snapshot) return;
  if (snapshot->kind == SnapshotKind::active) quota::forget_own_limit(layout_.snapshot(id));
  try {
    trash_.throw_away(layout_.snapshot(id));
  } catch (...) {
    index_.insert(id, *snapshot);
    throw;
  }
  if (!snapshot->link.empty()) ::unlink(layout_.link(snapshot->link).c_str());
}

void OverlayDriver::reconcile(Call& call, const std::vector<std::string>& live_keys) {
  for (const auto& [id, parent, kind] : index_.list()) {
    const bool live = std::find(live_keys.begin(), live_keys.end(), id) != live_keys.end();
    if (kind != SnapshotKind::committed && !live) remove(call, id);
  }
  for (const auto& name : names_in(layout_.snapshots())) {
    if (index_.find(name)) continue;
    quota::forget_own_limit(layout_.snapshot(name));
    trash_.throw_away(layout_.snapshot(name));
  }
  for (const auto& name : names_in(layout_.links())) {
    struct stat target {};
    if (::stat(layout_.link(name).c_str(), &target) != 0 && errno == ENOENT) ::unlink(layout_.link(name).c_str());
  }
  trash_.empty();
}

} // namespace gantry::storage_overlay
