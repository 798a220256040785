#include "cli/commands/prune.hpp"
#include "cli/args/flag_set.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/confirm.hpp"
#include "cli/commands/filters.hpp"
#include "cli/failure.hpp"

namespace gantry::cli {

namespace {

std::string warning(bool all, bool volumes, const Filters& filters) {
  std::string text =
      "WARNING! This will remove:\n"
      "  - all stopped containers\n"
      "  - all networks not used by at least one container\n";
  if (volumes) text += "  - all anonymous volumes not used by at least one container\n";
  text += all ? "  - all images without at least one container associated to them\n  - all build cache\n"
              : "  - all dangling images\n  - unused build cache\n";
  if (!filters.empty()) {
    text += "\n  Items to be pruned will be filtered with:\n";
    for (const std::string& one : filters.sorted()) text += "  - " + one + '\n';
  }
  return text + "\nAre you sure you want to continue?";
}

} // namespace

int system_prune(Invocation& in) {
  bool all = false, volumes = false, force = false;
  Filters filters;
  FlagSet flags(in);
  flags.boolean("all", 'a', all, "Remove all images without a container, not only those without a name");
  filters.add_flag(flags, "Remove only what fits the conditions (\"until=<timestamp>\", \"label=<key>[=<value>]\")", 0);
  flags.boolean("force", 'f', force, "Do not ask");
  flags.boolean("volumes", 0, volumes, "Remove anonymous volumes too");
  flags.parse();
  if (volumes && filters.has("until")) throw Failure(R"(ERROR: The "until" filter is not supported with "--volumes")");
  if (!force && !confirm(warning(all, volumes, filters))) return 0;

  double freed = remove_stopped_containers(in.client, filters.text());
  freed += remove_unused_networks(in.client, filters.text());
  if (volumes) freed += remove_unused_volumes(in.client, filters.text());
  Filters of_images = filters;
  of_images.add("dangling", all ? "false" : "true");
  freed += remove_unused_images(in.client, of_images.text());
  freed += remove_build_cache(in.client, Query().add_unless_empty("filters", filters.text()).add_if(all, "all"));
  print_reclaimed(freed);
  return 0;
}

} // namespace gantry::cli
