#include "overlay_driver.hpp"

// How a snapshot is mounted: a bind of its only layer, or an overlay of several.
namespace gantry::storage_overlay {
namespace {

Mount bind_mount(const std::string& source, const char* access) { return {"bind", source, "", {"rbind", access}}; }

std::string joined(const std::vector<std::string>& paths) {
  std::string text;
  for (const auto& path : paths) text += (text.empty() ? "" : ":") + path;
  return text;
}

} // namespace

std::vector<std::string> OverlayDriver::lower_links(const std::string& id) const {
  std::vector<std::string> paths;
  for (const auto& [ancestor, snapshot] : index_.ancestors(id)) paths.push_back(layout_.link(snapshot.link));
  return paths;
}

std::vector<Mount> OverlayDriver::describe(const std::string& id, const Snapshot& snapshot) const {
  std::vector<std::string> lower = lower_links(id);
  const bool writable = snapshot.kind == SnapshotKind::active;
  if (writable && lower.empty()) return {bind_mount(layout_.fs(id), "rw")};
  if (snapshot.kind == SnapshotKind::committed) lower.insert(lower.begin(), layout_.link(snapshot.link));
  if (lower.empty()) return {bind_mount(layout_.fs(id), "ro")};
  if (!writable && lower.size() == 1) return {bind_mount(lower[0], "ro")};

  Mount overlay{"overlay", "overlay", "", {"lowerdir=" + joined(lower)}};
  if (writable) {
    overlay.options.push_back("upperdir=" + layout_.fs(id));
    overlay.options.push_back("workdir=" + layout_.work(id));
  } else {
    overlay.options.emplace_back("ro");
  }
  overlay.options.insert(overlay.options.end(), mount_options_.begin(), mount_options_.end());
  return {overlay};
}

std::vector<Mount> OverlayDriver::mounts(Call&, const std::string& key) { return describe(key, index_.get(key)); }

std::vector<std::pair<std::string, std::string>> OverlayDriver::graph_data(Call&, const std::string& id) {
  const Snapshot snapshot = index_.get(id);
  std::vector<std::string> lower;
  for (const auto& [ancestor, unused] : index_.ancestors(id)) lower.push_back(layout_.fs(ancestor));
  std::vector<std::pair<std::string, std::string>> data;
  if (!lower.empty()) data.emplace_back("LowerDir", joined(lower));
  data.emplace_back("MergedDir", layout_.snapshot(id) + "/merged");
  data.emplace_back("UpperDir", layout_.fs(id));
  data.emplace_back("WorkDir", layout_.work(id));
  return data;
}

} // namespace gantry::storage_overlay
