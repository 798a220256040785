#include "cli/commands/prune.hpp"
#include "cli/args/flag_set.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/confirm.hpp"
#include "cli/commands/filters.hpp"

namespace gantry::cli {

int prune_containers(Invocation& in) {
  bool force = false;
  Filters filters;
  FlagSet flags(in);
  filters.add_flag(flags, "Remove only what fits the conditions (\"until=<timestamp>\", \"label=<key>[=<value>]\")", 0);
  flags.boolean("force", 'f', force, "Do not ask");
  flags.parse();
  if (!force && !confirm("WARNING! This will remove all stopped containers.\nAre you sure you want to continue?")) return 0;
  print_reclaimed(remove_stopped_containers(in.client, filters.text()));
  return 0;
}

} // namespace gantry::cli
