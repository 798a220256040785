#include "cli/commands/prune.hpp"
#include "cli/args/flag_set.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/confirm.hpp"
#include "cli/commands/filters.hpp"

namespace gantry::cli {

int prune_images(Invocation& in) {
  bool all = false, force = false;
  Filters filters;
  FlagSet flags(in);
  flags.boolean("all", 'a', all, "Remove images without a container, not only those without a name");
  filters.add_flag(flags, "Remove only what fits the conditions (\"until=<timestamp>\", \"label=<key>[=<value>]\")", 0);
  flags.boolean("force", 'f', force, "Do not ask");
  flags.parse();
  const std::string warning = all ? "WARNING! This will remove all images without at least one container associated to them."
                                  : "WARNING! This will remove all dangling images.";
  if (!force && !confirm(warning + "\nAre you sure you want to continue?")) return 0;
  filters.add("dangling", all ? "false" : "true");
  print_reclaimed(remove_unused_images(in.client, filters.text()));
  return 0;
}

} // namespace gantry::cli
