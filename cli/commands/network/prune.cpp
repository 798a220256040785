#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/confirm.hpp"
#include "cli/commands/container/each.hpp"
#include "cli/commands/filters.hpp"

namespace gantry::cli {

int prune_networks(Invocation& in) {
  bool force = false;
  Filters filters;
  FlagSet flags(in);
  filters.add_flag(flags, "Remove only what fits the conditions (\"until=<timestamp>\", \"label=<key>[=<value>]\")", 0);
  flags.boolean("force", 'f', force, "Do not ask");
  flags.parse();
  if (!force && !confirm("WARNING! This will remove all custom networks not used by at least one container.\n"
                         "Are you sure you want to continue?"))
    return 0;
  const Request request{"POST", "/networks/prune", Query().add_unless_empty("filters", filters.text())};
  const Json answer = in.client.call(request).read_json();
  const Json& deleted = answer.contains("NetworksDeleted") ? answer["NetworksDeleted"] : Json();
  if (!deleted.is_array() || deleted.empty()) return 0;
  print_line("Deleted Networks:");
  for (const Json& name : deleted) print_line(name.get<std::string>());
  print_line("");
  return 0;
}

} // namespace gantry::cli
