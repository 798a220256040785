#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/confirm.hpp"
#include "cli/commands/container/each.hpp"
#include "cli/commands/filters.hpp"
#include "cli/format/units.hpp"

namespace gantry::cli {

int prune_containers(Invocation& in) {
  bool force = false;
  Filters filters;
  FlagSet flags(in);
  filters.add_flag(flags, "Remove only what fits the conditions (\"until=<timestamp>\", \"label=<key>[=<value>]\")", 0);
  flags.boolean("force", 'f', force, "Do not ask");
  flags.parse();
  if (!force && !confirm("WARNING! This will remove all stopped containers.\nAre you sure you want to continue?")) return 0;
  const Request request{"POST", "/containers/prune", Query().add_unless_empty("filters", filters.text())};
  const Json answer = in.client.call(request).read_json();
  const Json deleted = answer.value("ContainersDeleted", Json::array());
  if (!deleted.empty()) {
    print_line("Deleted Containers:");
    for (const Json& id : deleted) print_line(id.get<std::string>());
    print_line("");
  }
  print_line("Total reclaimed space: " + human_size(answer.value("SpaceReclaimed", 0.0)));
  return 0;
}

} // namespace gantry::cli
