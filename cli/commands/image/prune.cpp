#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/confirm.hpp"
#include "cli/commands/container/each.hpp"
#include "cli/commands/filters.hpp"
#include "cli/format/units.hpp"

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
  const Json answer = in.client.call({"POST", "/images/prune", Query({{"filters", filters.text()}})}).read_json();
  const Json deleted = answer.contains("ImagesDeleted") ? answer["ImagesDeleted"] : Json();
  if (deleted.is_array() && !deleted.empty()) {
    print_line("Deleted Images:");
    for (const Json& one : deleted)
      print_line(one.contains("Untagged") ? "untagged: " + one["Untagged"].get<std::string>()
                                          : "deleted: " + one.value("Deleted", ""));
    print_line("");
  }
  print_line("Total reclaimed space: " + human_size(answer.value("SpaceReclaimed", 0.0)));
  return 0;
}

} // namespace gantry::cli
