#include "cli/commands/prune.hpp"

#include "cli/commands/container/each.hpp"
#include "cli/format/units.hpp"

namespace gantry::cli {

namespace {

std::string name_of(const Json& deleted) {
  if (deleted.is_string()) return deleted.get<std::string>();
  return deleted.contains("Untagged") ? "untagged: " + deleted["Untagged"].get<std::string>()
                                      : "deleted: " + deleted.value("Deleted", "");
}

double remove(Client& client, const char* path, const Query& query, const char* member, const char* heading) {
  const Json answer = client.call({"POST", path, query}).read_json();
  const Json deleted = answer.value(member, Json());
  if (deleted.is_array() && !deleted.empty()) {
    print_line(heading);
    for (const Json& one : deleted) print_line(name_of(one));
    print_line("");
  }
  return answer.value("SpaceReclaimed", 0.0);
}

Query filtered(const std::string& filters) { return Query().add_unless_empty("filters", filters); }

} // namespace

double remove_stopped_containers(Client& client, const std::string& filters) {
  return remove(client, "/containers/prune", filtered(filters), "ContainersDeleted", "Deleted Containers:");
}

double remove_unused_networks(Client& client, const std::string& filters) {
  return remove(client, "/networks/prune", filtered(filters), "NetworksDeleted", "Deleted Networks:");
}

double remove_unused_volumes(Client& client, const std::string& filters) {
  return remove(client, "/volumes/prune", filtered(filters), "VolumesDeleted", "Deleted Volumes:");
}

double remove_unused_images(Client& client, const std::string& filters) {
  return remove(client, "/images/prune", filtered(filters), "ImagesDeleted", "Deleted Images:");
}

double remove_build_cache(Client& client, Query query) {
  return remove(client, "/build/prune", query, "CachesDeleted", "Deleted build cache objects:");
}

void print_reclaimed(double bytes) { print_line("Total reclaimed space: " + human_size(bytes)); }

} // namespace gantry::cli
