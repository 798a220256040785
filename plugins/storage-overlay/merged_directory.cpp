#include "merged_directory.hpp"

#include <fcntl.h>

#include <map>

#include "directory.hpp"
#include "system_error.hpp"

namespace gantry::storage_overlay {

std::vector<MergedEntry> list_merged(const MergedDirectory& layers) {
  std::map<std::string, MergedEntry> seen; // the topmost of each name, whiteouts too
  for (std::size_t i = 0; i < layers.size(); ++i) {
    for (const auto& name : names_in(layers[i].get())) {
      MergedEntry entry{name, i, {}};
      if (!seen.contains(name) && stat_child(layers[i].get(), name, entry.info)) seen.emplace(name, entry);
    }
  }
  std::vector<MergedEntry> entries;
  for (auto& [name, entry] : seen) {
    if (!is_whiteout(entry.info)) entries.push_back(std::move(entry));
  }
  return entries;
}

bool find_merged(const MergedDirectory& layers, const std::string& name, MergedEntry& entry) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    entry.name = name;
    entry.layer = i;
    if (stat_child(layers[i].get(), name, entry.info)) return !is_whiteout(entry.info);
  }
  return false;
}

MergedDirectory open_merged(const MergedDirectory& layers, const std::string& name, std::size_t first) {
  MergedDirectory child;
  for (std::size_t i = first; i < layers.size(); ++i) {
    struct stat info {};
    if (!stat_child(layers[i].get(), name, info)) continue;
    if (!S_ISDIR(info.st_mode)) break; // hides what is below, as a whiteout does
    UniqueFd fd = open_child(layers[i].get(), name, O_RDONLY | O_DIRECTORY);
    if (!fd && errno == ENOENT) continue;
    if (!fd) throw system_error("cannot open directory '" + name + "'", errno);
    child.push_back(std::move(fd));
    if (is_opaque(child.back().get())) break;
  }
  return child;
}

void check_depth(int depth) {
  if (depth > max_tree_depth) {
    throw Error(Code::failed_precondition, "directories are nested deeper than " + std::to_string(max_tree_depth) + " levels");
  }
}

} // namespace gantry::storage_overlay
