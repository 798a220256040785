#include "cli/commands/prune.hpp"
#include "cli/args/flag_set.hpp"
#include "cli/args/numbers.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/confirm.hpp"
#include "cli/commands/filters.hpp"

namespace gantry::cli {

int prune_build_cache(Invocation& in) {
  bool all = false, force = false;
  std::int64_t keep = 0;
  Filters filters;
  FlagSet flags(in);
  flags.boolean("all", 'a', all, "Accepted: everything that fits is removed in any case");
  filters.add_flag(flags, "Remove only what fits the conditions (\"until=24h\")", 0);
  flags.boolean("force", 'f', force, "Do not ask");
  flags.value("keep-storage", 0, "bytes", keep, parse_bytes, "Keep this much of what was used last");
  flags.parse();
  if (!force && !confirm("WARNING! This will remove all build cache.\nAre you sure you want to continue?")) return 0;
  Query query{{"filters", filters.text()}};
  query.add_if(all, "all");
  if (keep > 0) query.add("keep-storage", std::to_string(keep));
  print_reclaimed(remove_build_cache(in.client, query));
  return 0;
}

} // namespace gantry::cli
