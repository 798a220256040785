#include "cli/commands/prune.hpp"
#include "cli/args/flag_set.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/confirm.hpp"
#include "cli/commands/filters.hpp"

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
  print_reclaimed(remove_unused_volumes(in.client, filters.text()));
  return 0;
}

} // namespace gantry::cli
