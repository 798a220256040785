#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/confirm.hpp"
#include "cli/commands/container/each.hpp"
#include "cli/commands/filters.hpp"
#include "cli/format/units.hpp"

namespace gantry::cli {

int prune_volumes(Invocation& in) {
  bool all = false, force = false;
  Filters filters;
  FlagSet flags(in);
  flags.boolean("all", 'a', all, "Remove named volumes too, not only anonymous ones");
  filters.add_flag(flags, "Remove only what fits the conditions (\"label=<key>[=<value>]\")", 0);
  flags.boolean("force", 'f', force, "Do not ask");
  flags.parse();
  if (all) filters.add("all", "true");
  const std::string what =
      all ? "all volumes not used by at least one container." : "anonymous local volumes not used by at least one container.";
  if (!force && !confirm("WARNING! This will remove " + what + "\nAre you sure you want to continue?")) return 0;
  const Request request{"POST", "/volumes/prune", Query().add_unless_empty("filters", filters.text())};
  const Json answer = in.client.call(request).read_json();
  const Json deleted = answer.value("VolumesDeleted", Json::array());
  if (!deleted.empty()) {
    print_line("Deleted Volumes:");
    for (const Json& name : deleted) print_line(name.get<std::string>());
    print_line("");
  }
  print_line("Total reclaimed space: " + human_size(answer.value("SpaceReclaimed", 0.0)));
  return 0;
}

} // namespace gantry::cli
